import type { Claim, MemberIndex, MembershipMachine, MembershipMessage } from '../../../src/membership/index.ts'
import { Net } from './net.ts'

/** What an adapter does before the machine sees a message: it verifies what would be news, and leaves out the rest. */
function verified(
  machine: MembershipMachine,
  message: MembershipMessage,
  from: MemberIndex,
  genuine: ReadonlySet<Claim>,
  now: number
): MembershipMessage {
  if (!('claims' in message)) {
    return message
  }
  const claims = message.claims.filter((claim) => !machine.isNews(claim, from, now) || genuine.has(claim))
  return { ...message, claims }
}

/** A network with a past: joins, leaves, crashes, refutations, new metadata. Every claim ever made is kept. */
export function withPast(seed: number): { readonly net: Net; readonly genuine: Claim[] } {
  const net = new Net(seed)
  const genuine: Claim[] = []
  const sign = net.notary.sign.bind(net.notary)
  net.notary.sign = (...args) => {
    const claim = sign(...args)
    genuine.push(claim)
    return claim
  }
  net.startAll(24)
  net.run(3000)
  net.node(3).machine.leave(net.now)
  net.run(2000)
  net.crash(3)
  net.crash(4)
  net.run(15_000)
  net.stall(5, 20_000)
  net.run(25_000)
  net.node(6).machine.setMetadata(Uint8Array.of(9), net.now)
  net.join(7)
  net.run(5000)
  return { net, genuine }
}

/** What the machine holds, as far as messages can change it. */
export function stateOf(machine: MembershipMachine): string {
  const records = [...machine.members()].map((member) => {
    const record = machine.record(member)
    return `${member}:${record?.status ?? ''}:${record?.incarnation ?? 0}:${record?.claim.id ?? 0}`
  })
  return `${machine.incarnation}|${records.join()}`
}

/**
 * Throws so many messages at one machine: forged, replayed, mutated, with other signers, of members that never were.
 * Returns how many of them changed what it holds.
 */
export function attack(seed: number, messages: number, onProgress?: (sent: number) => void): number {
  const { net, genuine } = withPast(seed)
  const { machine, links } = net.node(0)
  const { random, now } = net
  const known = new Set(genuine)
  const peers = [...links]
  const below = (end: number): number => Math.floor(random() * end)
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T
  const forged = (): Claim => {
    const claim = pick(genuine)
    switch (below(6)) {
      case 0:
        // a replay, just as it was
        return claim
      case 1:
        return { ...claim, incarnation: claim.incarnation + below(1000), id: below(2 ** 31) }
      case 2:
        return { ...claim, kind: pick(['alive', 'left', 'suspect'] as const), id: below(2 ** 31) }
      case 3:
        return { ...claim, subject: below(60), id: below(2 ** 31) }
      case 4:
        return { ...claim, signer: below(60), incarnation: below(2 ** 52) }
      default:
        return {
          kind: pick(['alive', 'left', 'suspect'] as const),
          subject: below(60),
          signer: below(60),
          incarnation: below(2 ** 52),
          id: below(2 ** 52),
          bytes: 104,
          wire: new Uint8Array()
        }
    }
  }
  const some = <T>(make: () => T, most: number): T[] => Array.from({ length: below(most + 1) }, make)
  const id = (): number => (random() < 0.5 ? pick(genuine).id : below(2 ** 52))
  const message = (): MembershipMessage => {
    switch (below(8)) {
      case 0:
        return { type: 'prune' }
      case 1:
        return { type: 'want', ids: some(id, 8) }
      case 2:
        return {
          type: 'digest',
          members: below(100),
          buckets: new Array<number>(pick([0, 1, 3, 8, 64])).fill(below(2 ** 31))
        }
      case 3:
        return {
          type: 'summary',
          of: pick([0, 1, 7, 8]),
          buckets: some(() => below(20) - 5, 8),
          ids: some(id, 8),
          answer: random() < 0.5
        }
      case 4:
        return {
          type: pick(['ping', 'ack'] as const),
          nonce: below(300),
          ids: some(id, 4),
          claims: some(forged, 2)
        }
      case 5:
        return { type: 'sync', claims: some(forged, 4), done: random() < 0.5 }
      default:
        return { type: 'push', hops: below(300), claims: some(forged, 4) }
    }
  }
  let changed = 0
  let before = stateOf(machine)
  for (let sent = 1; sent <= messages; sent++) {
    const from = random() < 0.9 ? pick(peers) : below(60)
    machine.receive(from, verified(machine, message(), from, known, now), now)
    // looking is most of the work: each message of a small run, else each hundredth
    if (messages <= 20_000 || sent % 100 === 0 || sent === messages) {
      const after = stateOf(machine)
      changed += after === before ? 0 : 1
      before = after
      onProgress?.(sent)
    }
  }
  return changed
}
