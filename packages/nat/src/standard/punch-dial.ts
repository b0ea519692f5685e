import type { Connection } from '@libp2p/interface'
import type { ConnectionManager, OpenConnectionOptions, TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import { localPortDialerSymbol } from '@p2pshare/interface'
import type { LocalPortDialer } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import { setTimeout as delay } from 'node:timers/promises'
import { DIAL_TIMEOUT_MS } from '../reachability/constants.ts'
import { isCircuit, isUdp } from '../reachability/dial-back/target.ts'
import { MAX_OPEN_TRIES, OPEN_RETRY_MS } from './constants.ts'

/** What punching needs of the node. */
export interface PunchDialComponents {
  connectionManager: Pick<ConnectionManager, 'openConnection'>
  transportManager: Pick<TransportManager, 'getTransports'>
}

/**
 * Dial `addresses` as both ends of DCUtR do at the same time. UDP leaves from the listening socket anyway; TCP leaves from
 * `localPort`, whose outside port the peer was told, and from a port of the system's choice too: that is enough where the
 * peer can be reached.
 */
export async function punchDial(
  { connectionManager, transportManager }: PunchDialComponents,
  addresses: readonly Multiaddr[],
  localPort: number | undefined,
  options: OpenConnectionOptions & { readonly initiator?: boolean }
): Promise<Connection> {
  const dialer = findLocalPortDialer(transportManager)
  const tcp = addresses.filter((address) => !isUdp(address) && !isCircuit(address))
  if (dialer === undefined || localPort === undefined || tcp.length === 0) {
    return connectionManager.openConnection([...addresses], options)
  }
  const lost = new AbortController()
  const signal = anySignal([options.signal ?? AbortSignal.timeout(DIAL_TIMEOUT_MS), lost.signal])
  const initiator = options.initiator ?? true
  const attempts = [
    connectionManager.openConnection([...addresses], { ...options, signal }),
    openFrom(dialer, localPort, tcp, initiator, signal)
  ]
  try {
    // a second connection that comes up is left alone: it may be the one that the peer, with its own clock, saw first
    return await Promise.any(attempts)
  } finally {
    lost.abort()
    signal.clear()
  }
}

/** One simultaneous open. A NAT that answers the first SYN with a reset has let the peer's through by the next. */
async function openFrom(
  dialer: LocalPortDialer,
  localPort: number,
  addresses: readonly Multiaddr[],
  initiator: boolean,
  signal: AbortSignal
): Promise<Connection> {
  for (let tries = 1; ; tries++) {
    try {
      return await Promise.any(
        addresses.map(async (address) => dialer.dialFrom(localPort, address, { initiator, signal }))
      )
    } catch (error) {
      signal.throwIfAborted()
      if (tries >= MAX_OPEN_TRIES) {
        throw error
      }
      await delay(OPEN_RETRY_MS, undefined, { signal })
    }
  }
}

function findLocalPortDialer(transports: PunchDialComponents['transportManager']): LocalPortDialer | undefined {
  for (const transport of transports.getTransports()) {
    const dialer: unknown = Reflect.get(transport, localPortDialerSymbol)
    if (dialer !== undefined) {
      return dialer as LocalPortDialer
    }
  }
  return undefined
}
