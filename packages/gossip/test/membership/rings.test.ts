import { describe, expect, it } from 'vitest'
import { RING_COUNT, ringPositions } from '../../src/membership/positions.ts'
import { comesBefore, mayVote, observersOf, subjectsOf } from '../../src/membership/rings.ts'
import { Roster } from '../../src/membership/roster.ts'
import { ALIVE, DEAD, NOBODY, SUSPECT } from '../../src/membership/state.ts'
import { addTo, rosterOf } from './support/net.ts'

const RINGS = RING_COUNT
const all = (count: number): Uint8Array => new Uint8Array(count).fill(ALIVE)
const subjects = (roster: Roster, states: Uint8Array, member: number): number[] => [
  ...subjectsOf(roster, states, member, new Int32Array(RINGS))
]

describe('the rings', () => {
  it('give a member eight subjects, none twice and not itself', () => {
    const roster = rosterOf(100)
    for (let member = 0; member < 100; member++) {
      const observed = subjects(roster, all(100), member)
      expect(new Set(observed).size).toBe(RINGS)
      expect(observed).not.toContain(member)
      expect(observed).not.toContain(NOBODY)
    }
  })

  it('let everybody observe everybody where there are hardly more members than rings', () => {
    const roster = rosterOf(RINGS + 1)
    for (let member = 0; member <= RINGS; member++) {
      const others = Array.from({ length: RINGS + 1 }, (_, other) => other).filter((other) => other !== member)
      expect(subjects(roster, all(RINGS + 1), member).sort((a, b) => a - b)).toEqual(others)
    }
    expect(subjects(rosterOf(3), all(3), 0).filter((subject) => subject !== NOBODY)).toHaveLength(2)
  })

  it('leave out who is not live, and nobody else changes place', () => {
    const roster = rosterOf(50)
    const states = all(50)
    const before = subjects(roster, states, 7)
    const gone = before[3] ?? 0
    states[gone] = DEAD
    const after = subjects(roster, states, 7)
    expect(after).not.toContain(gone)
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3))
    states[gone] = SUSPECT
    expect(subjects(roster, states, 7)).toEqual(before)
  })

  it('spread the observers: about eight each, and nobody has fewer than four', () => {
    const roster = rosterOf(200)
    const observed = new Array<number>(200).fill(0)
    for (let member = 0; member < 200; member++) {
      for (const subject of subjects(roster, all(200), member)) {
        observed[subject] = (observed[subject] ?? 0) + 1
      }
    }
    expect(Math.min(...observed)).toBeGreaterThanOrEqual(4)
    expect(Math.max(...observed)).toBeLessThanOrEqual(12)
  })

  it('count the vote of the first and of the second before the subject, and of its observers by our view', () => {
    const roster = rosterOf(100)
    const states = all(100)
    const vote = (observer: number, subject: number): boolean => mayVote(roster, states, RINGS, 100, observer, subject)
    for (const observer of observersOf(roster, states, 42, new Int32Array(RINGS))) {
      expect(vote(observer, 42)).toBe(true)
    }
    for (const subject of subjects(roster, states, 42)) {
      expect(vote(42, subject)).toBe(true)
    }
    const voters = Array.from({ length: 100 }, (_, observer) => observer).filter((observer) => vote(observer, 42))
    expect(voters.length).toBeLessThanOrEqual(3 * RINGS)
    expect(voters).not.toContain(42)
    // the second before it on ring 0 counts, the third only if another ring says so
    const order = [...roster.order(0).subarray(0, 100)]
    const place = roster.place(0, 42)
    expect(vote(order[(place + 98) % 100] ?? 0, 42)).toBe(true)
  })

  it('know at once whether somebody new changes the subjects', () => {
    const roster = rosterOf(60, 200)
    const states = new Uint8Array(200).fill(ALIVE, 0, 60)
    const current = subjectsOf(roster, states, 0, new Int32Array(RINGS))
    for (let newcomer = 60; newcomer < 160; newcomer++) {
      const member = addTo(roster, newcomer)
      states[member] = ALIVE
      const changes = [...current].join() !== subjects(roster, states, 0).join()
      if (changes) {
        expect(comesBefore(roster, 0, current, member)).toBe(true)
      }
      states[member] = 0
    }
  })
})

describe('the roster', () => {
  it('orders members by position, whatever the order they came in, and forgets them', () => {
    const keys = Array.from({ length: 40 }, (_, at) => `peer-${at}`)
    const [one, other] = [new Roster({ capacity: 40 }), new Roster({ capacity: 40 })]
    const put = (roster: Roster, key: string): unknown =>
      roster.add(key, ringPositions('s', new TextEncoder().encode(key)))
    keys.forEach((key) => put(one, key))
    keys.toReversed().forEach((key) => put(other, key))
    const named = (roster: Roster, ring: number): unknown[] =>
      [...roster.order(ring).subarray(0, roster.size)].map((member) => roster.key(member))
    for (let ring = 0; ring < RINGS; ring++) {
      expect(named(one, ring)).toEqual(named(other, ring))
    }
    const gone = one.indexOf('peer-7') ?? -1
    one.remove(gone)
    expect(one.indexOf('peer-7')).toBeUndefined()
    expect(named(one, 3)).toEqual(named(other, 3).filter((key) => key !== 'peer-7'))
    expect(put(one, 'peer-new')).toBe(gone)
  })

  it('is full at its capacity and not before', () => {
    const roster = rosterOf(3, 3)
    expect(roster.add('one-more', new Uint32Array(RINGS))).toBeUndefined()
    expect(roster.add('peer-1', new Uint32Array(RINGS))).toBe(1)
    expect(rosterOf(2, 3).add('one-more', new Uint32Array(RINGS))).toBe(2)
  })

  it('has positions that any implementation computes', () => {
    const positions = ringPositions('swarm', Uint8Array.of(1, 2, 3))
    expect([...positions].map((position) => position.toString(16).padStart(8, '0')).join('')).toBe(
      '9bc41404d508db40f419ddce306ea8ee4262323977780f39dbb7ad7c3a5244bd'
    )
  })
})
