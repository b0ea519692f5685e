import type { Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import type { webRTC as realWebRTC } from '@libp2p/webrtc'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, test } from 'vitest'
import { natServices, natTransports, rtcConfiguration, withIce } from '../../src/index.ts'
import type { PunchSuccess, RtcConfiguration } from '../../src/index.ts'
import { linkKind } from '../../src/paths/choose-path.ts'
import { StunServer } from '../../src/stun/server.ts'
import { bindDgram } from '../../src/stun/dgram-socket.ts'
import { ECHO, createNode, echoed, until } from '../support/network.ts'
import type { Node } from '../support/network.ts'
import { turnDouble } from '../support/turn-double.ts'

type WebRTC = typeof realWebRTC
type Transports = NonNullable<NonNullable<Parameters<typeof createLibp2p>[0]>['transports']>

/** Nothing where node-datachannel has no binary for this machine; every other fault is one. */
async function load(): Promise<WebRTC | undefined> {
  try {
    return (await import('@libp2p/webrtc')).webRTC
  } catch (error) {
    if (error instanceof Error && error.message.includes('node-datachannel')) {
      return undefined
    }
    throw error
  }
}

const loaded = await load()
const webRTC: WebRTC = (init) => loaded!(init)
const stops: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) {
    await stop()
  }
})

async function createRelay(): Promise<Node> {
  const relay = await createNode(['/ip4/127.0.0.1/tcp/0'], { relayServer: true, portMapping: false })
  stops.push(async () => relay.stop())
  return relay
}

/** Listens nowhere but at the relay: of all ways to it, WebRTC alone applies. */
async function createPeer(relay: Node, transport: Transports[number]): Promise<Node> {
  const node = await createLibp2p({
    addresses: { listen: [`${String(relay.getMultiaddrs()[0])}/p2p-circuit`] },
    transports: [tcp(), ...natTransports(), transport],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: natServices({ portMapping: false })
  })
  stops.push(async () => node.stop())
  const echo = async (stream: Stream): Promise<void> => {
    for await (const chunk of stream) {
      stream.send(chunk.subarray())
    }
    await stream.close()
  }
  await node.handle(ECHO, echo)
  return node
}

async function success({ services: { nat } }: Node): Promise<PunchSuccess> {
  return new Promise((resolve, reject) => {
    nat.addEventListener('punch:success', ({ detail }) => resolve(detail), { once: true })
    nat.addEventListener('punch:failed', ({ detail }) => reject(detail.error as Error), { once: true })
  })
}

/** Both ends' words on the connection that replaced the relayed one. */
async function meet(from: Node, relay: Node, to: Node): Promise<[initiator: PunchSuccess, responder: PunchSuccess]> {
  const both = Promise.all([success(from), success(to)])
  await from.dial(multiaddr(`${String(relay.getMultiaddrs()[0])}/p2p-circuit/p2p/${to.peerId.toString()}`))
  return both
}

describe.skipIf(loaded === undefined)('WebRTC, where node-datachannel has a binary', () => {
  test('two nodes that only a relay reaches get a WebRTC connection, and bytes go over it', async () => {
    const relay = await createRelay()
    const given: RtcConfiguration[] = []
    const transport = withIce((ice) =>
      webRTC({
        rtcConfiguration: () => {
          const configuration = ice()
          given.push(structuredClone(configuration))
          return configuration
        }
      })
    )
    const [a, b] = [await createPeer(relay, transport), await createPeer(relay, transport)]
    for (const { services } of [a, b]) {
      await until(() => services.nat.reachability().some(({ reachability }) => reachability === 'relayed'))
      await services.nat.report({ signal: AbortSignal.timeout(10_000) })
    }
    const [initiator, responder] = await meet(b, relay, a)
    expect(initiator).toMatchObject({ role: 'initiator', strategy: 'webrtc' })
    expect(responder).toMatchObject({ role: 'responder', strategy: 'webrtc' })
    expect(initiator.connection.remoteAddr.toString()).toContain('/p2p-circuit/webrtc/')
    expect(linkKind(initiator.connection)).toBe('direct')
    expect(initiator.connection.limits).toBeUndefined()
    expect(b.services.nat.path(a.peerId).kind).toBe('direct')

    const stream = await initiator.connection.newStream(ECHO)
    expect(await echoed(stream, 300_000)).toBe(300_000)

    // both ends, each with the STUN server that the relay said it runs
    const servers = given.map(({ iceServers }) => iceServers.flatMap(({ urls }) => urls))
    expect(servers).toEqual([
      [expect.stringMatching(/^stun:127\.0\.0\.1:\d+$/)],
      [expect.stringMatching(/^stun:127\.0\.0\.1:\d+$/)]
    ])
  })

  test('its questions are answered by our STUN servers as they are, and TURN servers get the credential', async () => {
    const relay = await createRelay()
    const socket = await bindDgram(4, { host: '127.0.0.1', port: 0 })
    const stun = new StunServer({ primary: socket })
    stun.start()
    const credential = 'p@ss:w%2Frd/+='
    const turn = await turnDouble(credential)
    stops.push(
      () => socket.close(),
      () => stun.stop(),
      () => turn.close()
    )
    const rtc = rtcConfiguration({
      stunServers: () => [{ address: socket.local }],
      turnServers: [{ url: `turn:127.0.0.1:${turn.port}`, username: '1893456000:me@home', credential }]
    })
    const transport = webRTC({ rtcConfiguration: rtc })
    const [a, b] = [await createPeer(relay, transport), await createPeer(relay, transport)]
    await until(() => a.services.nat.reachability().some(({ reachability }) => reachability === 'relayed'))
    await meet(b, relay, a)
    expect(await turn.asked).toEqual({ username: '1893456000:me@home', isSigned: true })
    await until(() => stun.stats.answered > 0)
    expect(stun.stats.dropped).toBe(0)
  })
})
