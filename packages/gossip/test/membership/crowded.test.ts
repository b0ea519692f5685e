// What changes when much happens at once, or when this node has no time.
import { describe, expect, it } from 'vitest'
import { createMachine, PROFILES } from '../../src/membership/index.ts'
import type { Claim, MembershipMachine, MembershipMessage } from '../../src/membership/index.ts'
import { ONSET_PER_SECOND, ONSET_WINDOW_MS } from '../../src/membership/push.ts'
import { MAX_POSTPONED } from '../../src/membership/suspicion.ts'
import { Notary, randomOf, rosterOf } from './support/net.ts'

const { wan } = PROFILES

/** One machine, number 0, linked with all others that it knows or with the first of them. */
function machineAmong(
  members: number,
  links = members - 1
): {
  machine: MembershipMachine
  notary: Notary
  sent: (MembershipMessage & { readonly to: number })[]
} {
  const notary = new Notary()
  const sent: (MembershipMessage & { readonly to: number })[] = []
  const machine = createMachine({
    self: 0,
    roster: rosterOf(members),
    profile: wan,
    random: randomOf(3),
    effects: {
      send: (to, message) => sent.push({ ...message, to }),
      link: () => undefined,
      unlink: () => undefined,
      sign: (claim) => notary.sign(claim, 0),
      notify: () => undefined
    }
  })
  const all = Array.from({ length: members }, (_, subject) =>
    notary.sign({ kind: 'alive', subject, incarnation: 1 }, subject)
  )
  machine.start(0, { incarnation: 1, members: all })
  for (let peer = 1; peer <= links; peer++) {
    machine.linkUp(peer, 0)
  }
  return { machine, notary, sent }
}

const voteAgainst = (subject: number, signer: number, notary: Notary): Claim =>
  notary.sign({ kind: 'suspect', subject, incarnation: 1, evidence: 'silent' }, signer)

/** Ticks when it wants them, so much late. */
function tickUntil(machine: MembershipMachine, untilMs: number, lateMs = 0, isDone = () => false): number {
  let now = 0
  while (now < untilMs && !isDone()) {
    now = Math.max(now, machine.wakeAt + lateMs)
    machine.tick(now)
  }
  return now
}

describe('a machine that is late all the time', () => {
  it('puts a verdict off so often and no more', () => {
    const { machine, notary } = machineAmong(6)
    const claims = [1, 3, 4].map((signer) => voteAgainst(2, signer, notary))
    machine.receive(1, { type: 'push', hops: 1, claims }, 0)
    const dueAt = 10_200 // by three votes of four
    const deadAt = tickUntil(machine, 120_000, wan.lateMs + 50, () => machine.record(2)?.status === 'dead')
    expect(machine.record(2)?.status).toBe('dead')
    // by a second each, but from where it stands: it is late again long before that
    expect(deadAt).toBeGreaterThan(dueAt + 2000)
    expect(deadAt).toBeLessThan(dueAt + (MAX_POSTPONED + 1) * 1000)
  })

  it('does not ask more for it', () => {
    const punctual = machineAmong(9)
    const late = machineAmong(9)
    tickUntil(punctual.machine, 20_000)
    tickUntil(late.machine, 20_000, wan.lateMs + 50)
    const pings = ({ sent }: { sent: readonly MembershipMessage[] }): number =>
      sent.filter(({ type }) => type === 'ping').length
    expect(pings(late)).toBeLessThan(2 * pings(punctual))
  })
})

describe('votes that come late', () => {
  it('end a suspicion at once, and are not taken for a stall of the node that hears them', () => {
    const { machine, notary } = machineAmong(6)
    const tell = (signer: number, now: number): void =>
      machine.receive(signer, { type: 'push', hops: 1, claims: [voteAgainst(2, signer, notary)] }, now)
    tell(1, 0)
    tickUntil(machine, 15_000)
    // with these it would have been over at five seconds
    tell(3, 15_000)
    tell(4, 15_000)
    tell(5, 15_000)
    const doubtedBefore = machine.stats().voided
    machine.tick(15_001)
    expect(machine.record(2)?.status).toBe('dead')
    expect(machine.stats().voided).toBe(doubtedBefore)
  })
})

describe('a node that stood still', () => {
  it('reads all that lay there before it believes the votes among it', () => {
    const { machine, notary } = machineAmong(6)
    const tell = (signer: number, claim: Claim, now: number): void =>
      machine.receive(signer, { type: 'push', hops: 1, claims: [claim] }, now)
    tell(1, voteAgainst(2, 1, notary), 0)
    tickUntil(machine, 4000)
    const now = machine.wakeAt + 5000
    machine.tick(now)
    for (const signer of [3, 4, 5]) {
      tell(signer, voteAgainst(2, signer, notary), now)
    }
    machine.tick(now + 1)
    expect(machine.record(2)?.status).toBe('suspect')
    tell(2, notary.sign({ kind: 'alive', subject: 2, incarnation: 2 }, 2), now + 2)
    expect(machine.record(2)?.status).toBe('alive')
  })
})

describe('a burst', () => {
  const needed = (ONSET_PER_SECOND * ONSET_WINDOW_MS) / 1000

  it.each([
    [needed - 1, false],
    [needed, true]
  ])('of %i claims at once is known as one: %s, and who repeats them is pruned', (count, isPruned) => {
    const { machine, notary, sent } = machineAmong(40, 4)
    const claims = Array.from({ length: count }, (_, at) =>
      notary.sign({ kind: 'alive', subject: 5 + at, incarnation: 2 }, 5 + at)
    )
    machine.receive(1, { type: 'push', hops: 1, claims }, 100)
    machine.receive(2, { type: 'push', hops: 1, claims }, 100)
    // as a burst it needs one link, as rare news all there are
    machine.receive(3, { type: 'push', hops: 1, claims }, 100)
    expect(sent.filter(({ type }) => type === 'prune').length > 0).toBe(isPruned)
  })
})

describe('comparing', () => {
  it('is not waited for while somebody is suspected with too few votes', () => {
    const digests = (votes: number): number => {
      const { machine, notary, sent } = machineAmong(9)
      const claims = [1, 3, 4].slice(0, votes).map((signer) => voteAgainst(2, signer, notary))
      machine.receive(1, { type: 'push', hops: 1, claims }, 0)
      tickUntil(machine, 20_000)
      return sent.filter(({ type }) => type === 'digest').length
    }
    expect(digests(0)).toBeLessThanOrEqual(1)
    expect(digests(1)).toBeGreaterThanOrEqual(5)
  })
})
