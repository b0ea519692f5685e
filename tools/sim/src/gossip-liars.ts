import type { Evidence, MembershipMessage } from '@p2pshare/gossip/membership'
import type { Cluster } from './gossip-shipped.ts'

const ACCUSES_EVERY_MS = 5000

export interface LiarsInit {
  readonly share: number
  readonly evidence: Evidence
}

/**
 * Some members accuse every honest one they are linked with, every 5 s and all in the same second, and pass on no claim of
 * another that it is alive. Returns them.
 */
export function lie({ simulation, machines, wires, claims, meter }: Cluster, { share, evidence }: LiarsInit): number[] {
  const { network } = simulation
  const random = simulation.random.fork('liars')
  const everybody = Array.from({ length: simulation.members }, (_, member) => member)
  const liars = new Set(random.shuffle(everybody).slice(0, Math.round(share * simulation.members)))
  const accuse = (liar: number): void => {
    const machine = machines[liar]
    const peers = network.links.endsOf(liar).map(([peer]) => peer)
    const accusations = peers.flatMap((subject) => {
      const record = machine?.record(subject)
      return record === undefined || liars.has(subject)
        ? []
        : [claims.sign(liar, { kind: 'suspect', subject, incarnation: record.incarnation, evidence })]
    })
    const message: MembershipMessage = { type: 'push', hops: 1, claims: accusations }
    for (const peer of accusations.length > 0 ? peers : []) {
      network.send(liar, peer, message, meter.weigh(message))
    }
    network.after(ACCUSES_EVERY_MS, () => accuse(liar))
  }
  for (const liar of liars) {
    const wire = wires[liar]
    if (wire !== undefined) {
      wire.filter = (message) => withoutRefutations(message, liar)
    }
    network.after(random.float() * 1000, () => accuse(liar))
  }
  return [...liars]
}

function withoutRefutations(message: MembershipMessage, self: number): MembershipMessage | undefined {
  if (message.type !== 'push' && message.type !== 'sync') {
    return message
  }
  const claims = message.claims.filter(({ kind, subject }) => kind !== 'alive' || subject === self)
  return claims.length === 0 && message.claims.length > 0 && message.type === 'push'
    ? undefined
    : { ...message, claims }
}
