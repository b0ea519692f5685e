import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bury, merge } from '../../src/membership/merge.ts'
import { ALIVE, DEAD, LEFT, SUSPECT, UNKNOWN } from '../../src/membership/state.ts'
import type { State } from '../../src/membership/state.ts'
import type { Claim } from '../../src/membership/types.ts'

interface Held {
  readonly state: State
  readonly claim: Claim | undefined
}

const nothing: Held = { state: UNKNOWN, claim: undefined }

function claimOf(kind: Claim['kind'], incarnation: number, id: number): Claim {
  return { kind, subject: 1, signer: 1, incarnation, id, bytes: 0, wire: new Uint8Array() }
}

function apply(held: Held, claim: Claim): Held {
  const state = merge(held.state, held.claim, claim)
  return state === UNKNOWN ? held : { state, claim }
}

const claims = fc.array(
  fc
    .record({
      kind: fc.constantFrom('alive' as const, 'left' as const),
      incarnation: fc.integer({ min: 1, max: 4 }),
      id: fc.integer({ min: 0, max: 2 })
    })
    // one id is one claim
    .map(({ kind, incarnation, id }) =>
      claimOf(kind, incarnation, incarnation * 10 + id * 2 + (kind === 'left' ? 1 : 0))
    ),
  { maxLength: 8 }
)

const view = ({ state, claim }: Held): readonly unknown[] => [state, claim?.incarnation, claim?.id]

describe('merging claims about one member', () => {
  it('ends in the same record in whatever order, and however often, they are heard', () => {
    fc.assert(
      fc.property(claims, fc.infiniteStream(fc.nat()), (heard, numbers) => {
        const inOrder = heard.reduce(apply, nothing)
        const shuffled = [...heard, ...heard].sort(() => ((numbers.next().value ?? 0) % 2 === 0 ? 1 : -1))
        expect(view(shuffled.reduce(apply, nothing))).toEqual(view(inOrder))
        expect(view(heard.reduce(apply, inOrder))).toEqual(view(inOrder))
      }),
      { numRuns: 100 }
    )
  })

  it('ends in the same record when parts of them were merged before', () => {
    fc.assert(
      fc.property(claims, claims, (first, second) => {
        const one = first.reduce(apply, nothing)
        const other = second.reduce(apply, nothing)
        const both = [...first, ...second].reduce(apply, nothing)
        // a record is the claim that made it
        expect(view(other.claim === undefined ? one : apply(one, other.claim))).toEqual(view(both))
      }),
      { numRuns: 100 }
    )
  })

  it('never lets an incarnation fall, and leaves dead and left only for a higher one', () => {
    fc.assert(
      fc.property(claims, fc.constantFrom<State>(DEAD, LEFT), (heard, gone) => {
        let held: Held = { state: gone, claim: claimOf(gone === LEFT ? 'left' : 'alive', 2, 20) }
        for (const claim of heard) {
          const next = apply(held, claim)
          const before = held.claim?.incarnation ?? 0
          const after = next.claim?.incarnation ?? 0
          expect(after).toBeGreaterThanOrEqual(before)
          if ((held.state === DEAD || held.state === LEFT) && next.state === ALIVE) {
            expect(after).toBeGreaterThan(before)
          }
          held = next
        }
      }),
      { numRuns: 100 }
    )
  })

  it('orders left above dead above suspect above alive at one incarnation', () => {
    const alive = claimOf('alive', 5, 1)
    const left = claimOf('left', 5, 2)
    for (const state of [ALIVE, SUSPECT, DEAD] as const) {
      expect(merge(state, alive, left)).toBe(LEFT)
      expect(merge(state, alive, alive)).toBe(UNKNOWN)
    }
    expect(merge(LEFT, left, alive)).toBe(UNKNOWN)
    expect(bury(SUSPECT)).toBe(DEAD)
    expect(bury(ALIVE)).toBe(ALIVE)
    expect(bury(LEFT)).toBe(LEFT)
  })

  it('takes no accusation for a claim of the member itself', () => {
    expect(merge(ALIVE, claimOf('alive', 1, 1), claimOf('suspect', 9, 2))).toBe(UNKNOWN)
  })
})
