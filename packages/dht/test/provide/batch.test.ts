import { expect, test } from 'vitest'
import { AnnouncedRoot, MAX_STORED_ADDRESSES, MAX_STORED_HOLDERS } from '../../src/provide/announced-root.ts'
import { MAX_BATCH, MAX_WAITING_SINGLES, batchFor } from '../../src/provide/batch.ts'
import { MAX_SINGLE_KEYS } from '../../src/rules/sweep.ts'
import type { DhtContact } from '../../src/rpc/contacts.ts'
import { StoredAnnouncement } from '../../src/wire/stored.ts'
import { rootOf } from '../support/roots.ts'

const hour = 60 * 60 * 1000

function roots(count: number, dueAt = 0): [AnnouncedRoot, ...AnnouncedRoot[]] {
  return Array.from({ length: count }, (_, at) => {
    const root = new AnnouncedRoot(rootOf(at), 0)
    root.state = { ...root.state, dueAt }
    return root
  }) as [AnnouncedRoot, ...AnnouncedRoot[]]
}

function sizeOf(all: [AnnouncedRoot, ...AnnouncedRoot[]], nodes = 20, until = 0): number {
  return batchFor(all[0], all, { nodes, until }).roots.length
}

test('two roots are announced by walks of their own, three together', () => {
  expect(sizeOf(roots(MAX_SINGLE_KEYS))).toBe(1)
  expect(sizeOf(roots(MAX_SINGLE_KEYS + 1))).toBe(MAX_SINGLE_KEYS + 1)
})

test('what somebody waits for goes alone, unless ten others would wait behind it', () => {
  const few = roots(MAX_WAITING_SINGLES)
  few[0].waiting = 1
  expect(sizeOf(few)).toBe(1)
  const many = roots(MAX_WAITING_SINGLES + 1)
  many[0].waiting = 1
  expect(sizeOf(many)).toBe(MAX_WAITING_SINGLES + 1)
})

test('a batch has 500 roots and not one more', () => {
  expect(sizeOf(roots(MAX_BATCH))).toBe(MAX_BATCH)
  expect(sizeOf(roots(MAX_BATCH + 1))).toBe(MAX_BATCH)
})

test('what is due within the time comes along, what is not does not, and what runs or was cancelled neither', () => {
  const all = roots(12, hour)
  expect(sizeOf(all, 20, hour)).toBe(12)
  expect(sizeOf(all, 20, hour - 1)).toBe(1)
  const [, running, cancelled] = all as [AnnouncedRoot, AnnouncedRoot, AnnouncedRoot]
  running.isRunning = true
  cancelled.cancelled.abort()
  expect(sizeOf(all, 20, hour)).toBe(10)
})

test('in a large network only roots of the same part go together, and where membership names the holders none do', () => {
  const { roots: some, prefix } = batchFor(roots(400)[0], roots(400), { nodes: 320, until: 0 })
  expect(prefix?.length).toBe(4)
  expect(some.length).toBeGreaterThan(10)
  expect(some.length).toBeLessThan(60)
  expect(batchFor(roots(400)[0], roots(400), { nodes: undefined, until: 0 }).roots).toHaveLength(1)
})

test('a root is what it was after the disk, with 32 holders and 16 addresses and not one more', () => {
  const root = new AnnouncedRoot(rootOf(1), 5)
  const holders = Array.from({ length: MAX_STORED_HOLDERS + 1 }, (_, at) => ({ key: `peer ${at}` }) as DhtContact)
  const addresses = Array.from({ length: MAX_STORED_ADDRESSES + 1 }, (_, at) => `/ip4/192.0.2.1/tcp/${at}`)
  root.told(holders, addresses)
  root.complete = true
  root.state = { announcedAt: 100, failures: 0, dueAt: 1_000 }
  const read = AnnouncedRoot.fromBytes(root.toBytes(), 2_000)
  expect(read.toAnnouncement('own', 2_000)).toEqual(root.toAnnouncement('own', 2_000))
  expect(read.holders).toHaveLength(MAX_STORED_HOLDERS)
  expect(read.addresses).toHaveLength(MAX_STORED_ADDRESSES)
  expect(read.hasMoved(addresses)).toBe(false)
  expect(read.hasMoved([...addresses].reverse())).toBe(true)
  const tooMany = StoredAnnouncement.encode({
    root: Uint8Array.from(rootOf(1).bytes),
    since: 0,
    holders: [...read.holders, 'one more']
  })
  expect(() => AnnouncedRoot.fromBytes(tooMany, 0)).toThrow()
})

test('a clock that was set back does not put an announcement into the future', () => {
  const root = new AnnouncedRoot(rootOf(1), 0)
  root.state = { announcedAt: 50 * hour, failures: 0, dueAt: 51 * hour }
  expect(AnnouncedRoot.fromBytes(root.toBytes(), hour).state).toMatchObject({ announcedAt: hour })
})
