// One node of a lab that has WebRTC and no UDX: `webrtc-peer.ts relay`, with `without` if it shall not answer STUN, or
// `webrtc-peer.ts peer <address of the relay> [<TURN server, as JSON>]`. It says what happens to it on its standard output, one
// JSON object a line; an address on its standard input is dialled.
import { createInterface } from 'node:readline'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { webRTC } from '@libp2p/webrtc'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { Libp2p } from 'libp2p'
import { natServices, natTransports, withIce } from '../../src/index.ts'
import type { TurnServer } from '../../src/index.ts'
import { ECHO, echoed } from '../support/network.ts'

const RELAY = { host: '5.5.0.10', otherHost: '5.5.0.11', port: 4001 }
const ECHOED_BYTES = 200_000
const [role, argument = '', turn] = process.argv.slice(2)

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

const common = { connectionEncrypters: [noise()], streamMuxers: [yamux()] }

if (role === 'relay') {
  const { host, otherHost, port } = RELAY
  const node = await createLibp2p({
    ...common,
    addresses: { listen: [`/ip4/${host}/tcp/${port}`] },
    transports: [tcp(), ...natTransports()],
    services: natServices({
      relayServer: true,
      stunServer: argument !== 'without',
      portMapping: false,
      stun: { host, otherHost }
    })
  })
  say({ ready: `/ip4/${host}/tcp/${port}/p2p/${node.peerId.toString()}` })
} else {
  const node = await createLibp2p({
    ...common,
    addresses: { listen: [`${argument}/p2p-circuit`] },
    transports: [
      tcp(),
      ...natTransports(),
      withIce((rtcConfiguration) => webRTC({ rtcConfiguration }), {
        turnServers: turn === undefined ? [] : [JSON.parse(turn) as TurnServer]
      })
    ],
    services: natServices({ portMapping: false })
  })
  const { nat } = node.services
  nat.addEventListener('nat:class', ({ detail }) => say({ nat: detail }))
  nat.addEventListener('punch:success', ({ detail: { role: end, strategy, tookMs, connection } }) => {
    say({ success: { role: end, strategy, tookMs, address: connection.remoteAddr.toString() } })
    if (end === 'initiator') {
      connection
        .newStream(ECHO)
        .then(async (stream) => echoed(stream, ECHOED_BYTES))
        .then(
          (bytes) => say({ echoed: bytes }),
          (error: unknown) => say({ echoed: String(error) })
        )
    }
  })
  nat.addEventListener('punch:failed', ({ detail: { peer } }) => {
    say({ failed: nat.explain(peer).attempts.map(({ strategy, outcome, reason }) => ({ strategy, outcome, reason })) })
  })
  await node.handle(ECHO, async (stream) => {
    for await (const chunk of stream) {
      stream.send(chunk.subarray())
    }
    await stream.close()
  })
  while (!nat.reachability().some(({ reachability }) => reachability === 'relayed')) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  say({ ready: true, id: node.peerId.toString() })
  for await (const line of createInterface({ input: process.stdin })) {
    meet(node, line).catch((error: unknown) => say({ undialled: String(error) }))
  }
}

/** A circuit over a connection that was only opened to try an address ends with it: nodes that just started have some. */
async function meet(node: Pick<Libp2p, 'dial'>, address: string, tries = 5): Promise<void> {
  try {
    await node.dial(multiaddr(address))
  } catch (error) {
    if (tries === 1) {
      throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
    await meet(node, address, tries - 1)
  }
}
