import { expect, test } from 'vitest'
import { GroupCap, MAX_GROUP_CONTACTS, MAX_NEAR_CONTACTS } from '../../src/table/group-cap.ts'
import type { Newcomer, Place } from '../../src/table/group-cap.ts'

const minute = 60_000
const office: Place = { group: '192.0.2', most: MAX_GROUP_CONTACTS }
const other: Place = { group: '198.51.100', most: MAX_GROUP_CONTACTS }
const own: Place = { group: '203.0.113', most: MAX_NEAR_CONTACTS }

const ids = new Map<string, Uint8Array>()

function named(peer: string): Newcomer {
  const kadId = ids.get(peer) ?? new Uint8Array([ids.size >> 8, ids.size])
  ids.set(peer, kadId)
  return { peer, kadId }
}

function fill(cap: GroupCap, place: Place): void {
  for (let at = 0; at < place.most; at++) {
    expect(cap.admits(named(`${place.group} ${at}`), place, 0)).toBe(true)
  }
}

test('a table takes ten of an IP group and not one more, a hundred of its own, and each group has its own', () => {
  const cap = new GroupCap(() => true)
  for (const place of [office, own]) {
    fill(cap, place)
    expect(cap.admits(named('one more'), place, 0)).toBe(false)
    expect(cap.admits(named(`${place.group} 3`), place, 0)).toBe(true)
  }
  fill(cap, other)
  // who moves to another network makes room in the old one
  cap.left('198.51.100 1')
  expect(cap.admits(named('192.0.2 3'), other, 0)).toBe(true)
  expect(cap.admits(named('one more'), office, 0)).toBe(true)
})

test('who was let in and is not in the table a minute later makes room', () => {
  const there = new Set<Uint8Array>()
  const cap = new GroupCap((kadId) => there.has(kadId))
  fill(cap, office)
  there.add(named('192.0.2 0').kadId)
  expect(cap.admits(named('next 1'), office, minute - 1)).toBe(false)
  for (let at = 1; at < MAX_GROUP_CONTACTS; at++) {
    there.add(named(`next ${at}`).kadId)
    expect(cap.admits(named(`next ${at}`), office, minute)).toBe(true)
  }
  expect(cap.admits(named('one more'), office, 2 * minute)).toBe(false)
})

test('many that are let in at the same time are counted before the first of them is in the table', () => {
  const cap = new GroupCap(() => false)
  const admitted = Array.from({ length: 500 }, (_, at) => cap.admits(named(`at once ${at}`), office, 0))
  expect(admitted.filter(Boolean)).toHaveLength(MAX_GROUP_CONTACTS)
})

test('those that never got in are forgotten, of however many groups they are', () => {
  const cap = new GroupCap(() => false)
  let most = 0
  for (let at = 0; at < 5_000; at++) {
    cap.admits(named(`${at}`), { group: `group ${at}`, most: MAX_GROUP_CONTACTS }, at * 1_000)
    most = Math.max(most, cap.size)
  }
  expect(most).toBeLessThanOrEqual(1_000)
})

test('who has left is not remembered', () => {
  const cap = new GroupCap(() => true)
  fill(cap, office)
  for (let at = 0; at < MAX_GROUP_CONTACTS; at++) {
    cap.left(`192.0.2 ${at}`)
  }
  expect(cap.size).toBe(0)
  cap.left('nobody')
})
