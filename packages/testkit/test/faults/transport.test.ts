import { memory } from '@libp2p/memory'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import type { Ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { byteStream } from '@libp2p/utils'
import { describe, expect, test } from 'vitest'
import { faultyTransport } from '../../src/faults/transport.ts'
import type { ConnectionInfo, ConnectionPlan } from '../../src/faults/transport.ts'
import { createTestnet } from '../../src/testnet.ts'
import type { TestNode } from '../../src/testnet.ts'
import { virtualClock } from '../../src/virtual-clock.ts'
import { settle } from '../helpers/reading.ts'

const STALL_AFTER_BYTES = 20_000

/** Two nodes that can ping; the first one's network is bad. */
const pair = async (plan: ConnectionPlan, more: object = {}) =>
  createTestnet({
    nodes: 2,
    seed: 'faulty transport',
    services: { ping: ping() },
    libp2p: ({ index }) => ({ ...more, ...(index === 0 ? { transports: [faultyTransport(memory(), plan)] } : {}) })
  })

async function pingForEver(from: TestNode<{ ping: Ping }>, to: TestNode): Promise<never> {
  while (true) {
    await from.services.ping.ping(to.peerId)
  }
}

describe('faultyTransport', () => {
  test('a byte that is corrupted behind the handshake breaks the cipher, and with it the connection', async () => {
    await using net = await pair(
      { outgoing: [{ type: 'corrupt', atByte: 2_000 }] },
      { connectionEncrypters: [noise()] }
    )
    await net.connect(0, 1)
    await expect(pingForEver(net.node(0), net.node(1))).rejects.toThrow()
    expect(net.node(1).getPeers()).toEqual([])
  })

  test('a corrupted handshake makes the dial fail', async () => {
    await using net = await pair({ incoming: [{ type: 'corrupt', atByte: 130 }] }, { connectionEncrypters: [noise()] })
    await expect(net.connect(0, 1)).rejects.toThrow()
  })

  test('a cut of the connection ends it at both nodes', async () => {
    await using net = await pair({ outgoing: [{ type: 'cut', afterBytes: 20_000 }] })
    await net.connect(0, 1)
    const gone = new Promise((resolve) => {
      net.node(1).addEventListener('connection:close', resolve, { once: true })
    })
    await expect(pingForEver(net.node(0), net.node(1))).rejects.toThrow()
    await gone
    expect(net.nodes.map((node) => node.getPeers().length)).toEqual([0, 0])
  })

  test('a stalled connection answers nothing, and its calls end with their signal', async () => {
    await using net = await pair({ incoming: [{ type: 'stall', afterBytes: STALL_AFTER_BYTES }] })
    await net.connect(0, 1)
    const controller = new AbortController()
    const stream = await net.node(0).dialProtocol(net.node(1).peerId, '/ipfs/ping/1.0.0')
    const bytes = byteStream(stream)
    let answered = 0
    const reading = (async () => {
      while (true) {
        await bytes.write(new Uint8Array(32))
        await bytes.read({ bytes: 32, signal: controller.signal })
        answered++
      }
    })()
    const reason = new RangeError('waited long enough')
    // no answer within many turns of the loop, where each answer before took a few
    for (let quiet = 0, last = -1; quiet < 50; quiet++) {
      await settle()
      if (answered !== last) {
        ;[quiet, last] = [0, answered]
      }
    }
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
    expect(answered * 32).toBeLessThan(STALL_AFTER_BYTES)
    expect(net.node(0).getPeers()).toHaveLength(1)
  })

  test('a delay is what a round trip takes, on the clock it was given', async () => {
    const clock = virtualClock()
    await using net = await pair({
      clock,
      outgoing: [{ type: 'delay', ms: 50 }],
      incoming: [{ type: 'delay', ms: 50 }]
    })
    const progress = { done: false }
    const work = (async () => {
      await net.connect(0, 1)
      const before = clock.now()
      await net.node(0).services.ping.ping(net.node(1).peerId)
      progress.done = true
      return clock.now() - before
    })()
    while (!progress.done) {
      await clock.advanceAsync(10)
    }
    // negotiating the protocol takes one round trip, the ping another; the loop above may run ahead of both
    expect(await work).toBeGreaterThanOrEqual(200)
  })

  test('a plan can be chosen for each connection', async () => {
    const seen: Omit<ConnectionInfo, 'remoteAddr'>[] = []
    await using net = await pair(({ direction, index }) => {
      seen.push({ direction, index })
      return index === 0 ? { outgoing: [{ type: 'cut', afterBytes: 10 }] } : undefined
    })
    await expect(net.connect(0, 1)).rejects.toThrow()
    await net.connect(0, 1)
    await net.disconnect(0, 1)
    await net.connect(1, 0)
    expect(seen).toEqual([
      { direction: 'outbound', index: 0 },
      { direction: 'outbound', index: 1 },
      { direction: 'inbound', index: 2 }
    ])
  })

  test('wraps real sockets as well', async () => {
    await using net = await createTestnet({
      nodes: 2,
      seed: 'faulty tcp',
      services: { ping: ping() },
      libp2p: () => ({
        addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
        transports: [faultyTransport(tcp(), { outgoing: [{ type: 'delay', ms: 1 }] })],
        connectionEncrypters: [noise()]
      })
    })
    await net.connect(0, 1)
    expect(await net.node(0).services.ping.ping(net.node(1).peerId)).toBeGreaterThanOrEqual(2)
  })
})
