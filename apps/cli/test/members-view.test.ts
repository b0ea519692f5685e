import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Member, MemberState } from '@p2pshare/interface'
import { describe, expect, test } from 'vitest'
import {
  agoText,
  changeLine,
  countsText,
  memberEvent,
  memberLine,
  membersTable,
  sortMembers
} from '../src/members-view.ts'

const [a, b] = [
  '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8',
  '12D3KooWHFKTMzwerBtsVmtz4ZZEQy2heafxzWw6wNn5PPYkBxJ5'
]
const address = multiaddr('/ip4/192.0.2.1/tcp/4001')

function member(id: string, state: MemberState, more: Partial<Member> = {}): Member {
  return { id: peerIdFromString(id), state, since: 0, ...more }
}

const full = member(a, 'alive', {
  rttMs: 12.34,
  incarnation: 7,
  metadata: { addresses: [address], roles: ['relay', 'seed'], version: '1.0.0' }
})

test('a line has seven fields for programs, and - for what is not known', () => {
  expect(memberLine(full)).toBe(`alive\t1970-01-01T00:00:00.000Z\t12.3 ms\t7\trelay,seed\t${a}\t${address.toString()}`)
  expect(memberLine(member(b, 'left'))).toBe(`left\t1970-01-01T00:00:00.000Z\t-\t-\t-\t${b}\t-`)
})

test('a change has when and what before it', () => {
  expect(changeLine('dead', member(b, 'dead'), 1000)).toMatch(/^1970-01-01T00:00:01.000Z\tdead\tdead\t/)
})

test('an event has what is known, and nothing else', () => {
  expect(memberEvent(member(b, 'left'))).toEqual({ v: 1, type: 'member', peer: b, state: 'left', since: 0 })
  expect(memberEvent(full, 'join', 5)).toEqual({
    v: 1,
    type: 'member',
    change: 'join',
    at: 5,
    peer: a,
    state: 'alive',
    since: 0,
    rttMs: 12.34,
    incarnation: 7,
    addresses: [address.toString()],
    roles: ['relay', 'seed'],
    version: '1.0.0'
  })
})

test('those somebody should look at come first', () => {
  const states = ['left', 'alive', 'dead', 'suspect'] as const
  const sorted = sortMembers(states.map((state) => member(a, state)))
  expect(sorted.map(({ state }) => state)).toEqual(['suspect', 'dead', 'alive', 'left'])
})

test('counts name what there is, and always the alive', () => {
  expect(countsText([member(a, 'alive'), member(b, 'dead')])).toBe('1 alive, 1 dead')
  expect(countsText([])).toBe('0 alive')
})

describe('the table', () => {
  test('has a head and columns below each other', () => {
    const [head = '', first = '', second = ''] = membersTable([full, member(b, 'left')], 61_000)
    expect(head).toMatch(/^STATE +SINCE +RTT +INCARNATION +ROLES +PEER +ADDRESSES$/)
    expect(first).toMatch(/^alive +1 min +12 ms +7 +relay,seed +12D3/)
    expect([first, second].map((line) => line.indexOf('12D3'))).toEqual([head.indexOf('PEER'), head.indexOf('PEER')])
  })

  test('fits into the screen it is given', () => {
    const lines = membersTable(
      Array.from({ length: 30 }, () => full),
      0,
      40,
      10
    )
    expect(lines).toHaveLength(10)
    expect(Math.max(...lines.map((line) => line.length))).toBe(40)
    expect(lines.at(-1)).toBe('... and 22 more')
  })

  test('does not let what a member says play with the screen', () => {
    const evil = member(a, 'alive', { metadata: { addresses: [], roles: ['\u001b[2J'] } })
    expect(membersTable([evil], 0).join('\n')).not.toContain('\u001b')
  })
})

test.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [47 * 3_600_000, '47 h'],
  [49 * 3_600_000, '2 d']
])('%s ms ago is %s', (ms, text) => {
  expect(agoText(ms)).toBe(text)
})
