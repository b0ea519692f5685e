import { randomInt } from 'node:crypto'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { LocalPortDialer } from '@p2pshare/interface'
import type { Trials } from '../trials.ts'
import type { TcpOutside } from '../types.ts'
import { OBSERVED_PROTOCOL } from './constants.ts'
import { askPeer } from './exchange.ts'
import { addressKey } from './plan.ts'
import { toRemoteEnd } from './remote-host.ts'
import { decodeObserved } from './wire/codec.ts'

/** The ports that systems give out themselves, and NATs keep (RFC 6335 section 6). */
const LOCAL_PORTS = { from: 49_152, to: 65_536 } as const

/** A local port taken by somebody else is bad luck, twice a broken machine. */
const TRIES = 3

/** What one probing of TCP takes. */
export interface TcpProbeInit {
  readonly dialer: LocalPortDialer
  /** Addresses of servers; the first two are used, and two tell whether the mapping is the same for both. */
  readonly servers: readonly Multiaddr[]
  readonly signal: AbortSignal
  /** End the connections. */
  readonly trials: Trials
  /** @default a random port */
  readonly pickPort?: () => number
}

/**
 * The outside address of a local TCP port from which nothing listens: dial servers from it and have them say where the
 * connection comes from. `undefined`: none answered, or each saw another (a symmetric NAT: nothing to tell anybody).
 */
export async function probeTcp({
  dialer,
  servers,
  signal,
  trials,
  pickPort = () => randomInt(LOCAL_PORTS.from, LOCAL_PORTS.to)
}: TcpProbeInit): Promise<TcpOutside | undefined> {
  for (let n = 0; n < TRIES && servers.length > 0; n++) {
    signal.throwIfAborted()
    const localPort = pickPort()
    const seen = await Promise.allSettled(
      servers.slice(0, 2).map(async (to) => askFrom({ dialer, signal, trials }, localPort, to))
    )
    const ends = seen.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []))
    const [first] = ends
    if (first !== undefined) {
      const same = ends.every((end) => addressKey(end) === addressKey(first))
      const agreed = ends.length > 1 ? { agreed: true } : {}
      return same ? { host: first.host, port: first.port, localPort, ...agreed } : undefined
    }
  }
  return undefined
}

async function askFrom(
  { dialer, signal, trials }: Pick<TcpProbeInit, 'dialer' | 'signal' | 'trials'>,
  localPort: number,
  to: Multiaddr
): Promise<ReturnType<typeof toRemoteEnd>> {
  const connection: Connection = await dialer.dialFrom(localPort, to, { signal })
  trials.mark(connection)
  try {
    return toRemoteEnd(decodeObserved(await askPeer(connection, OBSERVED_PROTOCOL, undefined, signal)).address)
  } finally {
    trials.end(connection)
  }
}
