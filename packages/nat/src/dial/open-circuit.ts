import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { isCircuit, isRelayed, newestFirst } from '../paths/choose-path.ts'

/** What is looked at of each connection of the node. */
export type Held = Pick<Connection, 'remoteAddr' | 'remotePeer' | 'limits' | 'status' | 'direction'> & {
  readonly timeline: Pick<Connection['timeline'], 'open'>
}

/**
 * The circuit to the peer that a dial of `address` would only double: an open one through the same relay. One that is
 * older than what this node last opened to that relay does not count: the network may have changed since, and a circuit of
 * before it be dead without a word. Pure.
 */
export function openCircuit<Candidate extends Held>(
  address: Multiaddr,
  connections: readonly Candidate[]
): Candidate | undefined {
  const ends = endsOf(address)
  if (ends === undefined) {
    return undefined
  }
  const open = connections.filter(({ status }) => status === 'open')
  const toRelay = open.filter(({ remotePeer }) => remotePeer.toString() === ends.relay)
  const since = Math.max(
    ...toRelay.filter(({ direction }) => direction === 'outbound').map(({ timeline }) => timeline.open)
  )
  // of a relay that connected to us the circuits of others name the port it did so from: libp2p would keep that as the peer's
  const called = toRelay
    .filter(({ direction }) => direction === 'inbound')
    .map(({ remoteAddr }) => remoteAddr.toString())
  return newestFirst(open).find(
    (one) =>
      isRelayed(one) &&
      one.remotePeer.toString() === ends.peer &&
      endsOf(one.remoteAddr)?.relay === ends.relay &&
      !called.some((at) => one.remoteAddr.toString().startsWith(`${at}/p2p-circuit`)) &&
      one.timeline.open >= since
  )
}

/** The relay and the peer of `/…/p2p/<relay>/p2p-circuit/p2p/<peer>`. What goes on after a circuit does not lead over it. */
function endsOf(address: Multiaddr): { readonly relay: string; readonly peer: string } | undefined {
  if (!isCircuit(address)) {
    return undefined
  }
  const names = address.getComponents()
  const circuit = names.findIndex(({ name }) => name === 'p2p-circuit')
  const [relay, peer, ...more] = [names[circuit - 1], names[circuit + 1], ...names.slice(circuit + 2)]
  if (relay?.name !== 'p2p' || relay.value === undefined || peer?.name !== 'p2p' || peer.value === undefined) {
    return undefined
  }
  return more.length > 0 ? undefined : { relay: relay.value, peer: peer.value }
}
