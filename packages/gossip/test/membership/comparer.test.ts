import { describe, expect, it } from 'vitest'
import { Comparer, FEW_DISPUTES } from '../../src/membership/comparer.ts'
import { newCounters } from '../../src/membership/context.ts'
import { deadId } from '../../src/membership/digest.ts'
import { newDues } from '../../src/membership/due.ts'
import { PROFILES } from '../../src/membership/index.ts'
import type { ClaimId, MemberIndex, MembershipMessage } from '../../src/membership/index.ts'
import { ALIVE, DEAD } from '../../src/membership/state.ts'
import type { State } from '../../src/membership/state.ts'
import { View } from '../../src/membership/view.ts'
import { Notary, randomOf, rosterOf } from './support/net.ts'

const MEMBERS = 40
const NOW = 10 * PROFILES.wan.digestIntervalMs

/** Compares a view in which some are in one state, and tells what it sends. */
function comparerOf(
  states: readonly State[],
  lacksVotes: (member: MemberIndex) => boolean = () => false
): { comparer: Comparer; ids: ClaimId[]; sent: MembershipMessage[] } {
  const notary = new Notary()
  const roster = rosterOf(MEMBERS)
  const view = new View(roster)
  const sent: MembershipMessage[] = []
  const context = {
    self: 0,
    roster,
    view,
    profile: PROFILES.wan,
    effects: {
      send: (_to: number, message: MembershipMessage) => sent.push(message),
      link: () => undefined,
      unlink: () => undefined,
      sign: () => undefined,
      notify: () => undefined
    },
    random: randomOf(5),
    counters: newCounters(),
    dues: newDues()
  }
  const comparer = new Comparer(context, {
    claimsOf: (subject) => [notary.sign({ kind: 'suspect', subject, incarnation: 1, evidence: 'silent' }, 30)],
    isUp: () => true,
    goneSince: () => 0,
    lacksVotes
  })
  const ids = states.map((state, at) => {
    const claim = notary.sign({ kind: 'alive', subject: at + 1, incarnation: 1 }, at + 1)
    view.set(at + 1, state, claim)
    return claim.id
  })
  return { comparer, ids, sent }
}

describe('comparing', () => {
  it.each([
    [FEW_DISPUTES, FEW_DISPUTES],
    [FEW_DISPUTES + 1, 0]
  ])('sends the evidence against %i that died long ago at once for %i of them', (dead, told) => {
    const { comparer, ids, sent } = comparerOf(new Array<State>(dead).fill(DEAD))
    comparer.summary(1, { type: 'summary', of: 1, buckets: [0], ids, answer: true }, NOW)
    comparer.flush(NOW)
    expect(sent.flatMap((message) => (message.type === 'sync' ? message.claims : []))).toHaveLength(told)
  })

  const doubtful = FEW_DISPUTES + 3

  it.each([
    ['few are dead there and alive here', FEW_DISPUTES, (): boolean => false, true],
    ['many are, as after a partition', doubtful, (): boolean => false, false],
    ['one of many is suspected here with too few votes', doubtful, (member: number): boolean => member === 5, true]
  ])('asks for the votes when %s', (_case, count, lacksVotes, asks) => {
    const { comparer, ids, sent } = comparerOf(new Array<State>(count).fill(ALIVE), lacksVotes)
    comparer.summary(1, { type: 'summary', of: 1, buckets: [0], ids: ids.map(deadId), answer: false }, NOW)
    const answers = sent.filter((message) => message.type === 'summary' && message.answer)
    expect(answers).toHaveLength(asks ? 1 : 0)
  })

  it('does not answer an answer', () => {
    const { comparer, ids, sent } = comparerOf([ALIVE])
    comparer.summary(1, { type: 'summary', of: 1, buckets: [0], ids: ids.map(deadId), answer: true }, NOW)
    expect(sent.filter(({ type }) => type === 'summary')).toHaveLength(0)
  })
})
