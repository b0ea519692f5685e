import type { ConnectionGater, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Denied } from './admit.ts'
import { tcpAddress } from './run/dial.ts'
import type { Candidate } from './types.ts'

/** Asks the node's gater, which may know more than this package: packets of a punch go past libp2p's dial queue. */
export async function gated(
  candidates: readonly Candidate[],
  peer: PeerId,
  gater: Pick<ConnectionGater, 'denyDialMultiaddr'> | undefined
): Promise<{ readonly admitted: readonly Candidate[]; readonly denied: readonly Denied[] }> {
  const admitted: Candidate[] = []
  const denied: Denied[] = []
  for (const candidate of candidates) {
    const address = candidate.transport === 'tcp' ? tcpAddress(candidate, peer) : udpAddress(candidate, peer)
    if ((await gater?.denyDialMultiaddr?.(address)) === true) {
      denied.push({ candidate, reason: 'the connection gater denies it' })
    } else {
      admitted.push(candidate)
    }
  }
  return { admitted, denied }
}

function udpAddress({ host, port }: Candidate, peer: PeerId): ReturnType<typeof multiaddr> {
  return multiaddr(`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/udp/${port}/utp/p2p/${peer.toString()}`)
}
