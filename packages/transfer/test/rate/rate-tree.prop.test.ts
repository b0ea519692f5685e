import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RateTree } from '../../src/rate/rate-tree.ts'
import type { Demand } from '../../src/rate/rate-tree.ts'
import { grant } from './support/grant.ts'
import { burstBytesOf } from '../../src/rate/token-bucket.ts'

const WINDOW_MS = 1000
const SHARES = ['s1', 's2']
const PEERS = ['p1', 'p2', 'p3']

interface Passed {
  readonly at: number
  readonly demand: Demand
}

/** A cap over some of the bytes, and when it was in force. */
interface Era {
  readonly from: number
  readonly cap: number
}

type Scope = 'node' | 's1' | 's2' | 'p1' | 'p2' | 'p3'

const scope = fc.constantFrom<Scope>('node', 's1', 's2', 'p1', 'p2', 'p3')
const cap = fc.oneof({ weight: 1, arbitrary: fc.constant(Infinity) }, fc.integer({ min: 1024, max: 20_000_000 }))
const time = fc.double({ min: 0, max: 4000, noNaN: true })
const change = fc.record({ at: time, scope, cap })
const arrival = fc.record({
  at: time,
  share: fc.constantFrom(...SHARES),
  peer: fc.constantFrom(...PEERS),
  bytes: fc.integer({ min: 1, max: 32 * 1024 })
})

function isUnder(scope: Scope, { path }: Demand): boolean {
  return scope === 'node' || path.share === scope || path.peer === scope
}

function limit(tree: RateTree, scope: Scope, cap: number, now: number): void {
  if (scope === 'node') {
    tree.limitNode(cap, now)
  } else if (SHARES.includes(scope)) {
    tree.limitShare(scope, cap, now)
  } else {
    tree.limitPeer(scope, cap, now)
  }
}

/** What may pass in a window at most: what the caps of its parts let pass, and a burst. `Infinity` without a cap. */
function allowance(eras: readonly Era[], from: number, to: number): number {
  let sum = 0
  let burst = 0
  for (const [index, era] of eras.entries()) {
    const start = Math.max(from, era.from)
    const end = Math.min(to, eras[index + 1]?.from ?? Infinity)
    if (end >= start && era.from <= to) {
      sum += era.cap === Infinity ? Infinity : (era.cap * (end - start)) / 1000
      burst = Math.max(burst, burstBytesOf(era.cap))
    }
  }
  return sum + burst
}

test('in any second, under any cap that changes at will, no more than the cap and one burst pass', () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 12 }),
      fc.array(arrival, { minLength: 1, maxLength: 150 }),
      fc.array(fc.double({ min: 0, max: 30, noNaN: true }), { minLength: 1, maxLength: 10 }),
      (changes, arrivals, lateness) => {
        const tree = new RateTree()
        const eras = new Map<Scope, Era[]>()
        const passed: Passed[] = []
        const events = [
          ...changes.map((event) => ({ ...event, type: 'change' as const })),
          ...arrivals.map((event) => ({ ...event, type: 'arrival' as const }))
        ].sort((a, b) => a.at - b.at)
        let now = 0
        const pass = (): void => {
          for (const demand of grant(tree, now)) {
            passed.push({ at: now, demand })
          }
        }
        // timers are late, as they are; ten virtual seconds more for what is still waiting
        for (let turn = 0; turn < 100_000; turn++) {
          const next = events[0]
          const wait = tree.waitMs(now)
          const timer = wait === undefined ? Infinity : now + Math.ceil(wait) + (lateness[turn % lateness.length] ?? 0)
          if (next !== undefined && next.at <= timer) {
            events.shift()
            now = Math.max(now, next.at)
            if (next.type === 'change') {
              limit(tree, next.scope, next.cap, now)
              eras.set(next.scope, [
                ...(eras.get(next.scope) ?? [{ from: -Infinity, cap: Infinity }]),
                { from: now, cap: next.cap }
              ])
            } else {
              tree.wait({ path: { share: next.share, peer: next.peer }, bytes: next.bytes })
            }
          } else if (timer < 14_000) {
            now = timer
          } else {
            break
          }
          pass()
        }
        for (const [which, known] of eras) {
          const own = passed.filter(({ demand }) => isUnder(which, demand))
          for (const [first, { at: from }] of own.entries()) {
            let sum = 0
            for (const { at, demand } of own.slice(first)) {
              if (at > from + WINDOW_MS) {
                break
              }
              sum += demand.bytes
              expect(sum).toBeLessThanOrEqual(allowance(known, from, at) + 0.01)
            }
          }
        }
      }
    ),
    { numRuns: 150 }
  )
})

test('a cap is used to the full, however late timers are, up to a burst', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100_000, max: 50_000_000 }),
      fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1, maxLength: 10 }),
      (cap, lateness) => {
        const tree = new RateTree()
        tree.limitNode(cap, 0)
        const bytes = Math.min(64 * 1024, Math.floor(burstBytesOf(cap) / 2))
        const path = { share: 's1', peer: 'p1' }
        let now = 0
        let sent = 0
        tree.wait({ path, bytes })
        for (let turn = 0; now < 5000; turn++) {
          for (let granted = grant(tree, now); granted.length > 0; granted = grant(tree, now)) {
            sent += bytes
            tree.wait({ path, bytes })
          }
          now += Math.ceil(tree.waitMs(now) ?? 0) + (lateness[turn % lateness.length] ?? 0)
        }
        expect(sent).toBeGreaterThan((cap * 5000) / 1000 - 2 * burstBytesOf(cap))
        expect(sent).toBeLessThanOrEqual((cap * now) / 1000 + burstBytesOf(cap))
      }
    ),
    { numRuns: 60 }
  )
})

test('shares that want more than there is get the same, in frames of one size', () => {
  const tree = new RateTree()
  tree.limitNode(1_000_000, 0)
  const sent = new Map<string, number>()
  for (const share of ['a', 'b', 'c']) {
    tree.wait({ path: { share, peer: 'p' }, bytes: 10_000 })
  }
  for (let now = 0; now < 3000; now++) {
    for (const { path, bytes } of grant(tree, now)) {
      sent.set(path.share, (sent.get(path.share) ?? 0) + bytes)
      tree.wait({ path, bytes })
    }
  }
  const all = [...sent.values()]
  expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(10_000)
})
