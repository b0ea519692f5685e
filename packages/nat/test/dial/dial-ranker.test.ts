import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import type { Libp2p } from '@libp2p/interface'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, expect, test } from 'vitest'
import { DialRanker } from '../../src/dial/dial-ranker.ts'
import type { DialRankerComponents } from '../../src/dial/dial-ranker.ts'
import { until } from '../support/network.ts'

const stops: Array<() => unknown> = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) {
    await stop()
  }
})

async function node(listen: string[]): Promise<{ node: Libp2p; dials: DialRanker }> {
  let dials: DialRanker | undefined
  const created = await createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      dials: (components: DialRankerComponents) => (dials = new DialRanker(components))
    }
  })
  stops.push(async () => created.stop())
  return { node: created, dials: dials! }
}

/** Takes connections and says nothing: a dial there lasts until it is given up. */
async function silentPort(): Promise<number> {
  const server: Server = createServer()
  const sockets = new Set<{ destroy: () => unknown }>()
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(async () => {
    sockets.forEach((socket) => socket.destroy())
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

test('an address that is silent does not hold up one that answers, and both are told of', async () => {
  const silent = await silentPort()
  const a = await node([])
  const b = await node(['/ip4/127.0.0.1/tcp/0'])
  const dead = multiaddr(`/ip4/127.0.0.1/tcp/${silent}/p2p/${b.node.peerId.toString()}`)
  const connection = await a.node.dial([dead, ...b.node.getMultiaddrs()])
  expect(connection.remotePeer.equals(b.node.peerId)).toBe(true)
  await until(() => a.dials.dials(b.node.peerId).length === 2)
  expect(
    a.dials
      .dials(b.node.peerId)
      .map(({ outcome }) => outcome)
      .sort()
  ).toEqual(['cancelled', 'connected'])
})

test('when no address answers the dial fails, and each says why in plain words', async () => {
  const a = await node([])
  const b = await node([])
  const addresses = [1, 2].map((port) => multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${b.node.peerId.toString()}`))
  await expect(a.node.dial(addresses)).rejects.toThrow()
  expect(a.dials.dials(b.node.peerId)).toMatchObject([
    { outcome: 'failed', reason: 'nothing listens there, or a firewall refuses' },
    { outcome: 'failed', reason: 'nothing listens there, or a firewall refuses' }
  ])
})

test('a dial that is given up is given up everywhere', async () => {
  const silent = await silentPort()
  const a = await node([])
  const b = await node([])
  const addresses = ['127.0.0.1', '127.0.0.2'].map((host) =>
    multiaddr(`/ip4/${host}/tcp/${silent}/p2p/${b.node.peerId.toString()}`)
  )
  const stop = new AbortController()
  const dial = a.node.dial(addresses, { signal: stop.signal })
  stop.abort()
  await expect(dial).rejects.toThrow()
  expect(a.node.getConnections()).toEqual([])
})

test('after the stop libp2p dials as before', async () => {
  const a = await node([])
  const b = await node(['/ip4/127.0.0.1/tcp/0'])
  a.dials.stop()
  await a.node.dial(b.node.getMultiaddrs())
  expect(a.dials.dials(b.node.peerId)).toEqual([])
  a.dials.start()
  a.dials.start()
  await a.node.hangUp(b.node.peerId)
  await a.node.dial(b.node.getMultiaddrs())
  expect(a.dials.dials(b.node.peerId)).toHaveLength(1)
})

test('a dial that is joined takes up the addresses that the one who joins knows', async () => {
  const silent = await silentPort()
  const a = await node([])
  const b = await node(['/ip4/127.0.0.1/tcp/0'])
  const dead = multiaddr(`/ip4/127.0.0.1/tcp/${silent}/p2p/${b.node.peerId.toString()}`)
  const first = a.node.dial(dead)
  await until(() => a.node.getDialQueue().some(({ status }) => status === 'active'))
  const second = a.node.dial(b.node.getMultiaddrs())
  expect((await first).id).toBe((await second).id)
  expect((await first).remoteAddr.equals(dead)).toBe(false)
  // the dead one was not waited for
  await until(() => a.dials.dials(b.node.peerId).length === 2)
  expect(a.dials.dials(b.node.peerId).map(({ outcome }) => outcome)).not.toContain('failed')
})

test('a dial ends with a connection that the peer opens meanwhile, and one by force does not', async () => {
  const silent = await silentPort()
  const a = await node(['/ip4/127.0.0.1/tcp/0'])
  const b = await node([])
  const dead = multiaddr(`/ip4/127.0.0.1/tcp/${silent}/p2p/${b.node.peerId.toString()}`)
  const stop = new AbortController()
  const dial = a.node.dial(dead)
  const forced = a.node.dial(dead, { force: true, signal: stop.signal })
  let isOver = false
  const over = expect(forced.finally(() => (isOver = true))).rejects.toThrow()
  await until(() => a.node.getDialQueue().some(({ status }) => status === 'active'))
  await b.node.dial(a.node.getMultiaddrs())
  expect((await dial).direction).toBe('inbound')
  expect(isOver).toBe(false)
  stop.abort()
  await over
})
