import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import { guardedMuxer } from '@p2pshare/interface'
import { createLibp2p } from 'libp2p'
import { DialRanker } from '../../src/dial/dial-ranker.ts'
import type { DialRankerComponents } from '../../src/dial/dial-ranker.ts'
import { isCircuit } from '../../src/paths/choose-path.ts'
import { PathManager } from '../../src/paths/path-manager.ts'
import type { PathManagerComponents, PathManagerOptions } from '../../src/paths/path-manager.ts'
import { meteredCircuits } from '../../src/relay/metered-circuits.ts'
import { relayLedgerSymbol } from '../../src/relay/relay-ledger.ts'
import type { RelayLedger } from '../../src/relay/relay-ledger.ts'
import { ECHO, until } from './network.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'

/** A node with its path manager, whose timer hardly ever fires unless told otherwise: tests call `tick()`. */
export interface Managed {
  readonly node: Libp2p
  readonly paths: PathManager
  readonly dials: DialRanker
}

/** `stops` gets what ends it. */
export async function managed(
  listen: string[],
  stops: Array<() => unknown>,
  options: PathManagerOptions = {}
): Promise<Managed> {
  let paths: PathManager | undefined
  let dials: DialRanker | undefined
  let ledger: RelayLedger | undefined
  const node = await createLibp2p({
    addresses: { listen },
    transports: [
      tcp(),
      (components) => {
        const transport = meteredCircuits()(components)
        ledger = transport[relayLedgerSymbol]
        return transport
      }
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [guardedMuxer(yamux())],
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      ping: ping(),
      dials: (components: DialRankerComponents) => (dials = new DialRanker(components)),
      paths: (components: PathManagerComponents) =>
        (paths = new PathManager(components, {
          tickMs: 100_000_000,
          interfaces: () => '',
          relayedBytes: (peer) => ledger?.withPeer(peer) ?? 0,
          ...options
        }))
    }
  })
  stops.push(async () => node.stop())
  const echo = async (stream: Stream): Promise<void> => {
    for await (const chunk of stream) {
      stream.send(chunk.subarray())
    }
    await stream.close()
  }
  await node.handle(ECHO, echo, { runOnLimitedConnection: true })
  return { node, paths: paths!, dials: dials! }
}

export interface Trio {
  readonly a: Managed
  readonly b: Managed
  /** Addresses of `b` that lead there without a relay. */
  readonly directly: () => Multiaddr[]
  readonly direct: () => Promise<Connection>
}

/** A relay; `b`, reachable directly and through it; `a`, connected to `b` over the relay. */
export async function trio(stops: Array<() => unknown>, options: PathManagerOptions = {}): Promise<Trio> {
  const relay = await createLibp2p({
    addresses: { listen: [LOOPBACK] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [guardedMuxer(yamux())],
    services: { identify: identify(), relay: circuitRelayServer() }
  })
  stops.push(async () => relay.stop())
  const b = await managed([LOOPBACK, `${relay.getMultiaddrs()[0]!.toString()}/p2p-circuit`], stops)
  await until(() => b.node.getMultiaddrs().some(isCircuit))
  const a = await managed([], stops, options)
  await a.node.dial(b.node.getMultiaddrs().filter(isCircuit))
  const directly = (): Multiaddr[] => b.node.getMultiaddrs().filter((address) => !isCircuit(address))
  return { a, b, directly, direct: async () => a.node.dial(directly(), { force: true }) }
}
