import type { PeerId } from '@libp2p/interface'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { MAX_MEMBERS } from '../src/constants.ts'
import { MemberList } from '../src/member-list.ts'
import { randomPeers } from './support/peers.ts'

const timing = { graceMs: 10, presenceMs: 100 }
let changes: string[]
let a: PeerId, b: PeerId, c: PeerId

beforeAll(async () => {
  ;[a, b, c] = (await randomPeers(3)) as [PeerId, PeerId, PeerId]
})
beforeEach(() => {
  changes = []
})

function list(maxMembers = 2): MemberList {
  const name = (id: PeerId): string => (id === a ? 'a' : id === b ? 'b' : 'c')
  return new MemberList({ timing, maxMembers, onChange: (change, { id }) => changes.push(`${name(id)} ${change}`) })
}

test('says who joins, leaves, dies and comes back, each once', () => {
  const members = list()
  members.apply(a, { type: 'connected' }, 0)
  members.apply(a, { type: 'here', sequence: 1n }, 1)
  members.apply(a, { type: 'leaving', sequence: 2n }, 2)
  members.apply(a, { type: 'disconnected' }, 3)
  members.apply(b, { type: 'here', sequence: 1n }, 4)
  members.tick(104)
  members.tick(200)
  members.apply(b, { type: 'connected' }, 201)
  expect(changes).toEqual(['a join', 'a leave', 'b join', 'b dead', 'b join'])
})

test('knows when somebody is due to be called dead', () => {
  const members = list()
  expect(members.nextDeadline()).toBeUndefined()
  members.apply(a, { type: 'here', sequence: 1n }, 0)
  members.apply(b, { type: 'connected' }, 0)
  expect(members.nextDeadline()).toBe(100)
  members.apply(b, { type: 'disconnected' }, 20)
  expect(members.nextDeadline()).toBe(30)
})

test('full of living members, it takes a new one only when that one is connected', () => {
  const members = list()
  members.apply(a, { type: 'here', sequence: 1n }, 0)
  members.apply(b, { type: 'connected' }, 1)
  expect(members.apply(c, { type: 'here', sequence: 1n }, 2)).toBe(false)
  expect(members.apply(c, { type: 'connected' }, 3)).toBe(true)
  expect(members.all().map(({ id }) => id)).toEqual([b, c])
})

test('full of connected members, it takes nobody', () => {
  const members = list()
  members.apply(a, { type: 'connected' }, 0)
  members.apply(b, { type: 'connected' }, 0)
  expect(members.apply(c, { type: 'connected' }, 1)).toBe(false)
})

test('who is gone longest makes room first', () => {
  const members = list()
  members.apply(a, { type: 'connected' }, 0)
  members.apply(b, { type: 'connected' }, 0)
  members.apply(b, { type: 'leaving', sequence: 1n }, 1)
  members.apply(a, { type: 'leaving', sequence: 1n }, 2)
  expect(members.apply(c, { type: 'here', sequence: 1n }, 3)).toBe(true)
  expect(members.all().map(({ id }) => id)).toEqual([a, c])
})

test(`holds ${MAX_MEMBERS} members that are only heard of and not one more`, () => {
  const members = new MemberList({ timing, maxMembers: MAX_MEMBERS, onChange: () => {} })
  // only the text of an id matters to the list
  const fake = (n: number): PeerId => ({ toString: () => `peer-${n}` }) as PeerId
  for (let n = 0; n < MAX_MEMBERS; n++) {
    expect(members.apply(fake(n), { type: 'here', sequence: 1n }, 0)).toBe(true)
  }
  expect(members.apply(fake(MAX_MEMBERS), { type: 'here', sequence: 1n }, 0)).toBe(false)
  expect(members.all()).toHaveLength(MAX_MEMBERS)
})
