import { generateKeyPair } from '@libp2p/crypto/keys'
import { StrictNoSign, gossipsub } from '@libp2p/gossipsub'
import type { GossipSub, GossipsubOpts } from '@libp2p/gossipsub'
import { RPC } from '@libp2p/gossipsub/message'
import type { Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { createTestnet } from '@p2pshare/testkit'
import type { Testnet } from '@p2pshare/testkit'
import type { ServiceFactoryMap } from 'libp2p'
import { afterEach, describe, expect, test } from 'vitest'
import {
  DIRECT_PROTOCOL,
  FRAME_LIMITS,
  MAX_BATCH_BYTES,
  MAX_FRAME_BYTES,
  MAX_PRESENCE_BYTES,
  NEIGHBOUR_BURST_BYTES,
  NETWORK_TOPIC
} from '../../src/topics/constants.ts'
import { shareTopic } from '../../src/topics/names.ts'
import { ShareTopics } from '../../src/topics/share-topics.ts'
import type { ShareTopicsComponents } from '../../src/topics/share-topics.ts'
import { signAnswer, toRelayed } from '../../src/topics/signed.ts'
import { encodeBatch } from '../../src/wire/direct-codec.ts'
import { encodePresence } from '../../src/wire/presence-codec.ts'
import { rootOf } from '../support/peers.ts'
import { DEFAULTS, until } from './network.ts'

const root = rootOf(1)
const topic = shareTopic(root)
const here = encodePresence({ type: 'here', multiaddrs: [], everyS: 60 })

const nets: Testnet[] = []
afterEach(async () => {
  for (const net of nets.splice(0)) {
    for (const node of net.nodes) {
      await node.stop()
    }
  }
})

/** Node 0 and 1 are honest, node 2 is not. All are connected. */
async function createHostileNet(third: ServiceFactoryMap): Promise<Testnet> {
  const net = await createTestnet({
    nodes: 3,
    seed: 'hostile',
    topology: 'full',
    services: ({ index }): ServiceFactoryMap =>
      index < 2
        ? { topics: (components: unknown) => new ShareTopics(components as ShareTopicsComponents, DEFAULTS) }
        : third
  })
  nets.push(net)
  return net
}

/** The third has gossipsub alone, with our topics and no manners. */
async function withPubsub(init: Partial<GossipsubOpts> = {}): Promise<{ net: Testnet; pubsub: GossipSub }> {
  const net = await createHostileNet({ pubsub: gossipsub({ allowPublishToZeroTopicPeers: true, ...init }) })
  const pubsub = net.node(2).services['pubsub'] as GossipSub
  await until(() => pubsub.getSubscribers(NETWORK_TOPIC).length === 2)
  return { net, pubsub }
}

/** The third has nothing, and opens a stream on which it writes what it likes. */
async function withStream(protocol: string): Promise<{ net: Testnet; stream: Stream }> {
  const net = await createHostileNet({})
  return { net, stream: await net.node(2).dialProtocol(net.node(0).peerId, protocol) }
}

function topicsOf(net: Testnet, index: number): ShareTopics {
  return net.node(index).services['topics'] as ShareTopics
}

/** Both honest nodes in the share's topic; resolves with what node 0 sees when the other one is there. */
async function exchangeOf(net: Testnet): Promise<{ found: string[]; stop: () => Promise<void> }> {
  const controller = new AbortController()
  const found: string[] = []
  const run = async (index: number): Promise<void> => {
    for await (const { id } of topicsOf(net, index).exchange(root, { signal: controller.signal })) {
      if (index === 0) {
        found.push(id.toString())
      }
    }
  }
  const running = [run(0), run(1)]
  await until(() => found.length === 1)
  return {
    found,
    stop: async () => {
      controller.abort()
      await Promise.all(running)
    }
  }
}

/** An honest message behind the hostile ones: when it is there, whatever they did has been done. */
async function heardAfter(net: Testnet): Promise<void> {
  let heard = 0
  const run = async (): Promise<void> => {
    for await (const { name } of topicsOf(net, 0).announcements()) {
      heard += Number(name === 'after')
    }
  }
  void run()
  while (heard === 0) {
    await topicsOf(net, 1).announce(rootOf(99), { name: 'after' })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('over gossipsub', () => {
  test.each<[string, (random: Testnet['random']) => Uint8Array]>([
    ['random bytes', (random) => random.bytes(50)],
    ['empty messages', () => new Uint8Array()],
    ['oversized messages', (random) => random.bytes(MAX_PRESENCE_BYTES + 1)],
    ['messages of a kind that does not exist', () => Uint8Array.of(8, 77)]
  ])('%s on both topics change nothing, and honest peers go on', async (_, make) => {
    const { net, pubsub } = await withPubsub()
    const { found, stop } = await exchangeOf(net)
    for (let i = 0; i < 20; i++) {
      await pubsub.publish(NETWORK_TOPIC, make(net.random))
      await pubsub.publish(topic, make(net.random))
    }
    await heardAfter(net)
    expect(found).toEqual([net.node(1).peerId.toString()])
    await stop()
  })

  test('one that brings invalid messages in numbers is not listened to any more', async () => {
    const { net, pubsub } = await withPubsub()
    for (let i = 0; i < 40; i++) {
      await pubsub.publish(NETWORK_TOPIC, Uint8Array.of(8, 77, i))
    }
    await heardAfter(net)
    // a second: gossipsub keeps a score for so long
    await until(() => scoreOf(net, 0, 2) < -80)
  })

  test('unsigned messages change nothing', async () => {
    const { net, pubsub } = await withPubsub({ globalSignaturePolicy: StrictNoSign })
    const { found, stop } = await exchangeOf(net)
    await pubsub.publish(topic, here)
    await heardAfter(net)
    expect(found).toHaveLength(1)
    await stop()
  })

  test('one that sends too many good messages is a participant and no more', async () => {
    const { net, pubsub } = await withPubsub()
    const { found, stop } = await exchangeOf(net)
    await until(() => pubsub.getSubscribers(topic).length === 2)
    for (let i = 0; i < 200; i++) {
      await pubsub.publish(topic, here)
    }
    await heardAfter(net)
    expect(found).toHaveLength(2)
    await stop()
  })
})

function scoreOf(net: Testnet, of: number, whom: number): number {
  // not part of its interface; the figure is what makes it deaf
  const { score } = topicsOf(net, of).pubsub as unknown as { score: { score(peer: string): number } }
  return score.score(net.node(whom).peerId.toString())
}

describe('over a gossip stream', () => {
  /** A subscription to the share, with others before it, in a frame that is `bytes` long. */
  function frameOf(bytes: number, subscriptions = 1): Uint8Array {
    const others = Array.from({ length: subscriptions - 1 }, (_, n) => ({ subscribe: true, topic: `t${n}` }))
    const rpc = RPC.encode({ subscriptions: [...others, { subscribe: true, topic }], messages: [] })
    // an unknown field as ballast: tag 15, a length of three bytes
    const ballast = Math.max(0, bytes - rpc.byteLength - 4)
    const head = Uint8Array.of((15 << 3) | 2, (ballast & 0x7f) | 0x80, ((ballast >> 7) & 0x7f) | 0x80, ballast >> 14)
    return bytes === 0 ? rpc : Buffer.concat([rpc, head, new Uint8Array(ballast)])
  }

  function sendFrame(stream: Stream, frame: Uint8Array): void {
    const { byteLength } = frame
    // the length before it as a varint: three bytes are enough, and allowed for small numbers too
    stream.send(Uint8Array.of((byteLength & 0x7f) | 0x80, ((byteLength >> 7) & 0x7f) | 0x80, byteLength >> 14))
    stream.send(frame)
  }

  async function isHeard(frame: Uint8Array): Promise<boolean> {
    const { net, stream } = await withStream('/meshsub/1.2.0')
    sendFrame(stream, frame)
    await heardAfter(net)
    return topicsOf(net, 0)
      .pubsub.getSubscribers(topic)
      .some((peer) => peer.equals(net.node(2).peerId))
  }

  test('a frame of the largest size is read, one byte more is not', async () => {
    expect(frameOf(MAX_FRAME_BYTES).byteLength).toBe(MAX_FRAME_BYTES)
    expect(await isHeard(frameOf(MAX_FRAME_BYTES))).toBe(true)
    expect(await isHeard(frameOf(MAX_FRAME_BYTES + 1))).toBe(false)
  })

  test('a frame with the most subscriptions is decoded, with one more it is dropped', async () => {
    // a peer may be in about a thousand topics, so ours comes first
    const most = RPC.encode({
      subscriptions: [
        { subscribe: true, topic },
        ...Array.from({ length: FRAME_LIMITS.maxSubscriptions - 1 }, (_, n) => ({ subscribe: true, topic: `t${n}` }))
      ],
      messages: []
    })
    expect(await isHeard(most)).toBe(true)
    expect(await isHeard(frameOf(0, FRAME_LIMITS.maxSubscriptions + 1))).toBe(false)
  })

  test('frames of random bytes change nothing', async () => {
    const { net, stream } = await withStream('/meshsub/1.2.0')
    for (let n = 0; n < 100; n++) {
      sendFrame(stream, net.random.bytes(1 + n))
    }
    await heardAfter(net)
  })

  test('a flood waits with its sender, and honest messages pass', async () => {
    const { net, stream } = await withStream('/meshsub/1.2.0')
    stream.addEventListener('close', () => undefined)
    const frame = frameOf(64 * 1024)
    for (let sent = 0; sent < 8 * NEIGHBOUR_BURST_BYTES; sent += frame.byteLength) {
      if (stream.writeStatus === 'writable') {
        sendFrame(stream, frame)
      }
    }
    await heardAfter(net)
    // what was not read is still there, or the stream was cut
    expect(stream.writeStatus !== 'writable' || stream.writeBufferLength > NEIGHBOUR_BURST_BYTES).toBe(true)
  })
})

describe('over a direct stream', () => {
  async function send(batch: Uint8Array): Promise<{ net: Testnet; found: string[]; stop: () => Promise<void> }> {
    const { net, stream } = await withStream(DIRECT_PROTOCOL)
    const { found, stop } = await exchangeOf(net)
    stream.send(batch)
    await stream.close()
    await heardAfter(net)
    return { net, found, stop }
  }

  test.each<[string, Uint8Array]>([
    ['random bytes', Uint8Array.from({ length: 500 }, (_, n) => (n * 37) & 0xff)],
    ['more bytes than allowed', new Uint8Array(MAX_BATCH_BYTES + 1)],
    ['nothing', new Uint8Array()]
  ])('%s change nothing', async (_, batch) => {
    const { found, stop } = await send(batch)
    expect(found).toHaveLength(1)
    await stop()
  })

  test('somebody who never said so is not brought into a share, in whose name ever', async () => {
    const key = await generateKeyPair('Ed25519')
    const victim = peerIdFromPrivateKey(key)
    const forged = [
      // nobody signed it
      { signature: new Uint8Array(64).fill(1) },
      // it was signed, but for another topic
      { signature: await key.sign(Buffer.concat([Buffer.from('libp2p-pubsub:'), here])) }
    ].map(({ signature }) => {
      const message = { type: 'signed', from: victim, topic, data: here, sequenceNumber: 1n } as const
      return toRelayed({ ...message, signature, key: key.publicKey }, 0)
    })
    for (const message of forged) {
      const presence = new Uint8Array()
      const { net, found, stop } = await send(encodeBatch([{ type: 'exchange', topic, presence, messages: [message] }]))
      expect(found).toEqual([net.node(1).peerId.toString()])
      await stop()
    }
  })

  test('what its author did sign for the topic is taken from anybody', async () => {
    const key = await generateKeyPair('Ed25519')
    const from = peerIdFromPrivateKey(key)
    const seqno = new Uint8Array(8).fill(1)
    const bytes = RPC.Message.encode({ from: Uint8Array.from(from.toMultihash().bytes), data: here, seqno, topic })
    const signature = await key.sign(Buffer.concat([Buffer.from('libp2p-pubsub:'), bytes]))
    const sequenceNumber = BigInt('0x0101010101010101')
    const message = { type: 'signed', from, topic, data: here, sequenceNumber, signature, key: key.publicKey } as const
    const { found, stop } = await send(
      encodeBatch([{ type: 'exchange', topic, presence: Uint8Array.from(here), messages: [toRelayed(message, 5)] }])
    )
    expect(found).toHaveLength(3)
    expect(found).toContain(from.toString())
    await stop()
  })

  test('answers to what nobody asked, and in the name of others, are nothing', async () => {
    const { net, stream } = await withStream(DIRECT_PROTOCOL)
    const key = await generateKeyPair('Ed25519')
    const self = { peerId: peerIdFromPrivateKey(key), privateKey: key }
    const answer = await signAnswer(self, new Uint8Array(16), Uint8Array.of(1))
    stream.send(encodeBatch([{ type: 'answer', ...answer }]))
    await stream.close()
    await heardAfter(net)
    const answers = []
    for await (const each of topicsOf(net, 0).ask('anything', Uint8Array.of(1), { deadlineMs: 100 })) {
      answers.push(each)
    }
    expect(answers).toEqual([])
  })
})
