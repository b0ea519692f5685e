import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMachine, PROFILES } from '../../src/membership/index.ts'
import type { Claim, MembershipMachine } from '../../src/membership/index.ts'
import { Notary, randomOf, rosterOf } from './support/net.ts'

const MEMBERS = 8
const OBSERVER = MEMBERS
const NEIGHBOUR = MEMBERS + 1

function listener(notary: Notary): MembershipMachine {
  const machine = createMachine({
    self: OBSERVER,
    roster: rosterOf(MEMBERS + 2),
    profile: PROFILES.wan,
    random: randomOf(1),
    effects: {
      send: () => undefined,
      link: () => undefined,
      unlink: () => undefined,
      sign: (claim) => notary.sign(claim, OBSERVER),
      notify: () => undefined
    }
  })
  machine.start(0, { incarnation: 1 })
  machine.linkUp(NEIGHBOUR, 0)
  return machine
}

function viewOf(machine: MembershipMachine): unknown {
  return Array.from({ length: MEMBERS }, (_, member) => {
    const record = machine.record(member)
    return [record?.status, record?.incarnation, record?.claim.id]
  })
}

const said = fc.array(
  fc.record({
    kind: fc.constantFrom('alive' as const, 'left' as const, 'suspect' as const),
    subject: fc.nat({ max: MEMBERS - 1 }),
    signer: fc.nat({ max: MEMBERS - 1 }),
    incarnation: fc.integer({ min: 1, max: 3 })
  }),
  { minLength: 1, maxLength: 30 }
)

describe('any order of what members said', () => {
  it('ends in one view, with copies and repeats, once all of it was heard', () => {
    fc.assert(
      fc.property(said, fc.integer(), fc.integer(), (statements, one, other) => {
        const notary = new Notary()
        const claims: Claim[] = statements.map(({ kind, subject, signer, incarnation }) =>
          kind === 'suspect'
            ? notary.sign({ kind, subject, incarnation, evidence: 'silent' }, signer)
            : notary.sign({ kind, subject, incarnation }, subject)
        )
        const hear = (seed: number): unknown => {
          const random = randomOf(seed)
          const machine = listener(notary)
          const order = [...claims, ...claims].map((claim) => ({ claim, key: random() }))
          const heard = order.sort((a, b) => a.key - b.key).map(({ claim }) => claim)
          // votes before what they are about are not kept: comparisons bring them again
          for (const claim of [...heard, ...heard]) {
            machine.receive(NEIGHBOUR, { type: 'push', hops: 1, claims: [claim] }, 1)
          }
          return viewOf(machine)
        }
        expect(hear(one)).toEqual(hear(other))
      }),
      { numRuns: 60 }
    )
  })

  it('never lets an incarnation fall', () => {
    fc.assert(
      fc.property(said, (statements) => {
        const notary = new Notary()
        const machine = listener(notary)
        const highest = new Array<number>(MEMBERS).fill(0)
        for (const { kind, subject, signer, incarnation } of statements) {
          const claim =
            kind === 'suspect'
              ? notary.sign({ kind, subject, incarnation, evidence: 'silent' }, signer)
              : notary.sign({ kind, subject, incarnation }, subject)
          machine.receive(NEIGHBOUR, { type: 'push', hops: 1, claims: [claim] }, 1)
          const now = machine.record(subject)?.incarnation ?? 0
          expect(now).toBeGreaterThanOrEqual(highest[subject] ?? 0)
          highest[subject] = now
        }
      }),
      { numRuns: 60 }
    )
  })
})
