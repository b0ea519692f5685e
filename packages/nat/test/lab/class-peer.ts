/* eslint-disable @nx/enforce-module-boundaries -- real nodes need real transports, which only tests may import here */
// One node of a lab: `class-peer.ts server <host>...` answers STUN at these hosts, `class-peer.ts peer [<address of it>...]` finds
// out what NAT it is behind. It says what happens to it on its standard output, one JSON object a line, and ends with its
// standard input.
import { Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { guardedMuxer } from '@p2pshare/interface'
import { tcp } from '@p2pshare/transport-tcp'
import { udx } from '@p2pshare/transport-udx'
import { createLibp2p } from 'libp2p'
import type { Libp2p } from 'libp2p'
import { natServices, natTransports } from '../../src/index.ts'
import type { Nat, NatInit } from '../../src/index.ts'
import { isStun } from '../../src/stun/codec.ts'

const PORT = 4001
const [role, ...args] = process.argv.slice(2)

process.stdin.on('end', () => process.exit()).resume()
await (role === 'server' ? serve(args) : findOut(args))

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

async function create(listen: string[], init: NatInit): Promise<Libp2p<{ nat: Nat }>> {
  return createLibp2p({
    start: false,
    addresses: { listen },
    transports: [tcp(), udx(), ...natTransports()],
    connectionEncrypters: [noise()],
    streamMuxers: [guardedMuxer(yamux())],
    services: natServices(init)
  })
}

/** Each host by itself: behind a wildcard the system chooses which of them answers. */
async function serve(hosts: readonly string[]): Promise<void> {
  const listen = hosts
    .map((host) => (isIPv6(host) ? `/ip6/${host}` : `/ip4/${host}`))
    .flatMap((ip) => [`${ip}/udp/${PORT}/utp`, `${ip}/tcp/${PORT}`])
  const node = await create(listen, { stunServer: true, portMapping: false })
  await node.start()
  say({ ready: listen.map((address) => `${address}/p2p/${node.peerId.toString()}`) })
}

async function findOut(server: readonly string[]): Promise<void> {
  const hasAsked = firstQuestion()
  const node = await create(
    ['ip4/0.0.0.0', 'ip6/::'].flatMap((ip) => [`/${ip}/udp/0/utp`, `/${ip}/tcp/0`]),
    {}
  )
  const { nat } = node.services
  nat.addEventListener('nat:class', ({ detail }) => {
    // a class that says less is one of a probing that is made again
    if (!detail.udp || (detail.mapping !== undefined && detail.filtering !== undefined)) {
      say({ nat: detail, tookMs: performance.now() - hasAsked() })
    }
  })
  const begun = performance.now()
  node.addEventListener('self:peer:update', () => {
    const tookMs = performance.now() - begun
    tellMapped(node, tookMs).catch((error: unknown) => say({ error: String(error) }))
  })
  await node.start()
  if (server.length > 0) {
    await node.dial(server.map((address) => multiaddr(address)))
  }
}

/** Which ports of the router are announced. */
async function tellMapped(node: Libp2p<{ nat: Nat }>, tookMs: number): Promise<void> {
  const announced = node.getMultiaddrs().map(String)
  const { mappings } = await node.services.nat.report({ signal: AbortSignal.timeout(1000), waitMs: 0 })
  const mapped = mappings
    .map(({ externalHost, protocol, externalPort }) => `/ip4/${externalHost}/${protocol}/${externalPort}`)
    .filter((outside) => announced.some((address) => address.startsWith(`${outside}/`)))
  if (mapped.length > 0) {
    say({ mapped, tookMs })
  }
}

/**
 * When the first STUN question left. The listening socket asks in the same turn as the ones that are opened for it, which are
 * Node's own.
 */
function firstQuestion(): () => number {
  let at: number | undefined
  Socket.prototype.send = new Proxy(Socket.prototype.send, {
    apply(send, socket, sent: unknown[]): void {
      const [bytes] = sent
      if (bytes instanceof Uint8Array && isStun(bytes)) {
        at ??= performance.now()
      }
      Reflect.apply(send, socket, sent)
    }
  })
  return () => at ?? Number.NaN
}
