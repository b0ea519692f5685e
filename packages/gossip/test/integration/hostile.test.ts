import { StrictNoSign, gossipsub } from '@libp2p/gossipsub'
import type { GossipSub, GossipsubOpts } from '@libp2p/gossipsub'
import { RPC } from '@libp2p/gossipsub/message'
import { createTestnet } from '@p2pshare/testkit'
import type { Testnet } from '@p2pshare/testkit'
import type { ServiceFactoryMap } from 'libp2p'
import { afterEach, expect, test } from 'vitest'
import { FRAME_LIMITS, MAX_FRAME_BYTES, MAX_PRESENCE_BYTES, MEMBERS_TOPIC } from '../../src/constants.ts'
import { gossip, shareTopic } from '../../src/index.ts'
import type { Gossip } from '../../src/index.ts'
import { encodePresence } from '../../src/wire/codec.ts'
import { until } from '../support/network.ts'
import { rootOf } from '../support/peers.ts'

const root = rootOf(1)
const topic = shareTopic(root)

/** Node 0 and 1 are honest, node 2 has gossipsub alone, with our topics and no manners. All are connected. */
async function createHostileNet(init: Partial<GossipsubOpts> = {}): Promise<Testnet> {
  const net = await createTestnet({
    nodes: 3,
    seed: 'hostile',
    topology: 'full',
    services: ({ index }): ServiceFactoryMap =>
      index < 2 ? { gossip: gossip() } : { pubsub: gossipsub({ allowPublishToZeroTopicPeers: true, ...init }) }
  })
  const pubsub = pubsubOf(net)
  await until(() => pubsub.getSubscribers(MEMBERS_TOPIC).length === 2)
  return net
}

function pubsubOf(net: Testnet): GossipSub {
  return net.node(2).services['pubsub'] as GossipSub
}

function gossipOf(net: Testnet, index: number): Gossip {
  return net.node(index).services['gossip'] as Gossip
}

const nets: Testnet[] = []
afterEach(async () => {
  for (const net of nets.splice(0)) {
    for (const node of net.nodes) {
      await node.stop()
    }
  }
})

async function hostile(init?: Partial<GossipsubOpts>): Promise<Testnet> {
  const net = await createHostileNet(init)
  nets.push(net)
  return net
}

/** Both honest nodes in the share's topic; resolves with what one of them saw when the other is there. */
async function exchangeOf(net: Testnet): Promise<{ found: string[]; stop: () => Promise<void> }> {
  const controller = new AbortController()
  const found: string[] = []
  const run = async (index: number): Promise<void> => {
    for await (const { id } of gossipOf(net, index).exchange(root, { signal: controller.signal })) {
      if (index === 0) {
        found.push(id.toString())
      }
    }
  }
  const running = [run(0), run(1)]
  await until(() => found.length === 1 && pubsubOf(net).getSubscribers(topic).length === 2)
  return {
    found,
    stop: async () => {
      controller.abort()
      await Promise.all(running)
    }
  }
}

test.each<[string, (random: Testnet['random']) => Uint8Array]>([
  ['random bytes', (random) => random.bytes(50)],
  ['empty messages', () => new Uint8Array()],
  ['oversized messages', (random) => random.bytes(MAX_PRESENCE_BYTES + 1)],
  ['messages of a kind that does not exist', () => Uint8Array.of(8, 77)]
])('%s on both topics change nothing, and honest peers go on', async (_, make) => {
  const net = await hostile()
  const { found, stop } = await exchangeOf(net)
  const honest = net.node(1).peerId.toString()
  for (let i = 0; i < 20; i++) {
    await pubsubOf(net).publish(MEMBERS_TOPIC, make(net.random))
    await pubsubOf(net).publish(topic, make(net.random))
  }
  // an honest message behind the hostile ones is still heard: this node joined and has no connection to lose it by
  await gossipOf(net, 1).exchange(root)[Symbol.asyncIterator]().return?.()
  expect(
    gossipOf(net, 0)
      .members()
      .map(({ id, state }) => [id.toString(), state])
  ).toEqual([[honest, 'alive']])
  expect(found).toEqual([honest])
  await stop()
  await net.node(1).stop()
  await until(() => gossipOf(net, 0).member(net.node(1).peerId)?.state === 'left')
})

test('unsigned messages change nothing', async () => {
  const net = await hostile({ globalSignaturePolicy: StrictNoSign })
  await pubsubOf(net).publish(MEMBERS_TOPIC, encodePresence({ type: 'here', multiaddrs: [] }))
  await net.node(1).stop()
  await until(() => gossipOf(net, 0).member(net.node(1).peerId)?.state === 'left')
  expect(gossipOf(net, 0).member(net.node(2).peerId)).toBeUndefined()
})

test('one that sends too many good messages is a member and no more', async () => {
  const net = await hostile()
  for (let i = 0; i < 200; i++) {
    await pubsubOf(net).publish(MEMBERS_TOPIC, encodePresence({ type: 'here', multiaddrs: [] }))
  }
  await until(() => gossipOf(net, 0).member(net.node(2).peerId)?.state === 'alive')
  expect(gossipOf(net, 0).members()).toHaveLength(2)
})

/** An honest node and one without gossipsub, which opens a gossip stream and writes what it likes. */
async function rawFrames(...frames: Uint8Array[]): Promise<{ net: Testnet; send: (frame: Uint8Array) => void }> {
  const net = await createTestnet({
    nodes: 3,
    seed: 'raw',
    topology: 'full',
    services: ({ index }): ServiceFactoryMap => (index < 2 ? { gossip: gossip() } : {})
  })
  nets.push(net)
  const stream = await net.node(2).dialProtocol(net.node(0).peerId, '/meshsub/1.2.0')
  const send = (frame: Uint8Array): void => {
    const { byteLength } = frame
    // the length before it as a varint: three bytes are enough, and allowed for small numbers too
    stream.send(Uint8Array.of((byteLength & 0x7f) | 0x80, ((byteLength >> 7) & 0x7f) | 0x80, byteLength >> 14))
    stream.send(frame)
  }
  frames.forEach(send)
  return { net, send }
}

/** Subscribes to the members topic, and is `bytes` long. */
function frameOf(bytes: number, subscriptions = 1): Uint8Array {
  const others = Array.from({ length: subscriptions - 1 }, (_, n) => ({ subscribe: true, topic: `t${n}` }))
  const rpc = RPC.encode({ subscriptions: [{ subscribe: true, topic: MEMBERS_TOPIC }, ...others], messages: [] })
  // an unknown field as ballast: tag 15, a length of three bytes
  const ballast = Math.max(0, bytes - rpc.byteLength - 4)
  const head = Uint8Array.of((15 << 3) | 2, (ballast & 0x7f) | 0x80, ((ballast >> 7) & 0x7f) | 0x80, ballast >> 14)
  return bytes === 0 ? rpc : Buffer.concat([rpc, head, new Uint8Array(ballast)])
}

async function isHeard(frame: Uint8Array): Promise<boolean> {
  const { net } = await rawFrames(frame)
  // the honest one leaves after the frame was sent: whatever it did has been done by then
  await until(() => gossipOf(net, 0).member(net.node(1).peerId)?.state === 'alive')
  await net.node(1).stop()
  await until(() => gossipOf(net, 0).member(net.node(1).peerId)?.state === 'left')
  return gossipOf(net, 0).member(net.node(2).peerId) !== undefined
}

test('a frame of the largest size is read, one byte more is not', async () => {
  expect(frameOf(MAX_FRAME_BYTES).byteLength).toBe(MAX_FRAME_BYTES)
  expect(await isHeard(frameOf(MAX_FRAME_BYTES))).toBe(true)
  expect(await isHeard(frameOf(MAX_FRAME_BYTES + 1))).toBe(false)
})

test('a frame with the most subscriptions is read, with one more it is dropped', async () => {
  expect(await isHeard(frameOf(0, FRAME_LIMITS.maxSubscriptions))).toBe(true)
  expect(await isHeard(frameOf(0, FRAME_LIMITS.maxSubscriptions + 1))).toBe(false)
})

test('frames of random bytes change nothing', async () => {
  const { net, send } = await rawFrames()
  for (let n = 0; n < 100; n++) {
    send(net.random.bytes(1 + n))
  }
  await until(() => gossipOf(net, 0).member(net.node(1).peerId)?.state === 'alive')
  await net.node(1).stop()
  await until(() => gossipOf(net, 0).member(net.node(1).peerId)?.state === 'left')
  expect(gossipOf(net, 0).members()).toHaveLength(1)
})
