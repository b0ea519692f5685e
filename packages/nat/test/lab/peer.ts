/* eslint-disable @nx/enforce-module-boundaries -- real nodes need real transports, which only tests may import here */
// One node of a lab: `peer.ts relay` or `peer.ts peer <address of the relay>`. It says what happens to it on its standard
// output, one JSON object a line; an address on its standard input is dialled.
import { createInterface } from 'node:readline'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { tcp } from '@p2pshare/transport-tcp'
import { udx } from '@p2pshare/transport-udx'
import { createLibp2p } from 'libp2p'
import type { Libp2p } from 'libp2p'
import { ahead } from '../../src/ahead/index.ts'
import { pingConnection } from '../../src/paths/ping.ts'
import { Prober, StunService } from '../../src/prober/index.ts'
import type { ProberComponents, StunServiceComponents } from '../../src/prober/index.ts'
import { PunchCoordinator } from '../../src/punch/index.ts'
import { limitedRelayServer, meteredCircuits } from '../../src/relay/index.ts'
import type { NatClass } from '../../src/types.ts'

const RELAY = { host: '5.5.0.10', otherHost: '5.5.0.11', port: 4001 }
const [role, relayAddress = ''] = process.argv.slice(2)

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

const common = {
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionMonitor: { enabled: false }
}

if (role === 'relay') {
  const node = await createLibp2p({
    ...common,
    addresses: { listen: [`/ip4/${RELAY.host}/tcp/${RELAY.port}`] },
    transports: [tcp()],
    services: {
      identify: identify(),
      relay: limitedRelayServer(),
      stun: (components: StunServiceComponents) =>
        new StunService(components, { host: RELAY.host, otherHost: RELAY.otherHost })
    }
  })
  say({ ready: `/ip4/${RELAY.host}/tcp/${RELAY.port}/p2p/${node.peerId.toString()}` })
} else {
  const classes = new Map<number, NatClass>()
  const own: { prober?: Prober } = {}
  const node = await createLibp2p({
    ...common,
    addresses: { listen: ['/ip4/0.0.0.0/udp/0/utp', '/ip6/::/udp/0/utp', `${relayAddress}/p2p-circuit`] },
    transports: [tcp(), ahead(udx()), ahead(meteredCircuits())],
    services: {
      identify: identify(),
      ping: ping(),
      prober: (components: ProberComponents) => {
        own.prober = new Prober(components)
        return own.prober
      },
      punch: (components: ConstructorParameters<typeof PunchCoordinator>[0]) =>
        new PunchCoordinator(components, {
          knowledge: {
            current: (family) => own.prober?.current(family),
            get awaitsTcp() {
              return own.prober?.awaitsTcp ?? false
            },
            learnOutside: async (signal) => own.prober?.learnOutside(signal) ?? []
          }
        })
    }
  })
  own.prober?.addEventListener('nat:class', ({ detail }) => {
    classes.set(detail.family, detail)
    say({ nat: detail })
  })
  const { punch } = node.services
  punch.addEventListener('punch:success', ({ detail }) => {
    const { peer, connection, strategy, tookMs } = detail
    void (async () => {
      const rttMs = detail.role === 'initiator' ? await node.services.ping.ping(peer).catch(() => undefined) : undefined
      say({
        success: { role: detail.role, strategy, tookMs, address: connection.remoteAddr.toString(), rttMs },
        limited: connection.limits !== undefined
      })
    })()
  })
  punch.addEventListener('punch:failed', ({ detail }) => {
    say({ failed: { role: detail.role, error: String(detail.error) }, tries: punch.attempts(detail.peer).map(plain) })
  })
  say({ ready: true, id: node.peerId.toString() })
  for await (const line of createInterface({ input: process.stdin })) {
    meet(node, line).catch((error: unknown) => say({ undialled: String(error) }))
  }
}

/** How long a relayed connection takes, and how long till something was asked over it and answered. */
async function meet(node: Pick<Libp2p, 'dial'>, address: string): Promise<void> {
  const begun = performance.now()
  const connection = await node.dial(multiaddr(address))
  const relayedMs = Math.round(performance.now() - begun)
  await pingConnection(connection, { signal: AbortSignal.timeout(5_000) })
  say({ relayed: address, relayedMs, answeredMs: Math.round(performance.now() - begun) })
}

function plain({
  strategy,
  outcome,
  reason,
  tookMs
}: {
  strategy: string
  outcome: string
  reason?: string
  tookMs: number
}): object {
  return { strategy, outcome, reason, tookMs: Math.round(tookMs) }
}
