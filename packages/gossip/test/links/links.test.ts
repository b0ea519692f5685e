import type { Stream } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import { createTestnet } from '@p2pshare/testkit'
import type { TestNode } from '@p2pshare/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LINK_TAG, MAX_SEND_QUEUE_BYTES, PEER_FRAMES, PEER_STREAMS } from '../../src/links/constants.ts'
import { withLength } from '../../src/links/frame-reader.ts'
import { MAX_MESSAGE_BYTES } from '../../src/membership/bounds.ts'
import { PROTOCOL, createLinkNet, nameOf } from '../support/bare-links.ts'
import type { BareLinks, LinkNet, LinkNode } from '../support/bare-links.ts'
import { until } from '../support/network.ts'

let net: LinkNet
let a: LinkNode, b: LinkNode
let ofA: BareLinks, ofB: BareLinks
let up: { a: string; b: string }

beforeEach(async () => {
  net = await createLinkNet(2)
  ;[a, b] = [net.node(0), net.node(1)]
  ;[ofA, ofB] = [a.services.links, b.services.links]
  up = { a: `up ${nameOf(b.peerId)}`, b: `up ${nameOf(a.peerId)}` }
})
afterEach(async () => net.stop())

const streamsOf = (node: TestNode): Stream[] =>
  node.getConnections().flatMap(({ streams }) => streams.filter(({ protocol }) => protocol === PROTOCOL))

async function connected(): Promise<void> {
  await net.connect(a, b)
  await until(() => ofA.events.length === 1 && ofB.events.length === 1)
}

describe('coming up', () => {
  test('peers that meet have a link, of one stream', async () => {
    await connected()
    expect([ofA.events, ofB.events]).toEqual([[up.a], [up.b]])
    expect(streamsOf(a)).toHaveLength(1)
  })

  test('a peer whose address is known is dialled when a link is asked for', async () => {
    await a.peerStore.merge(b.peerId, { multiaddrs: b.getMultiaddrs() })
    ofA.links.open(b.peerId)
    await until(() => ofA.events.length === 1 && ofB.events.length === 1)
    expect([ofA.events, ofB.events]).toEqual([[up.a], [up.b]])
  })

  test('when both ask at the same time one stream stays, the same for both', async () => {
    await net.connect(a, b)
    ofA.links.open(b.peerId)
    ofB.links.open(a.peerId)
    await until(() => ofA.events.includes(up.a) && ofB.events.includes(up.b))
    await until(() => streamsOf(a).length === 1 && streamsOf(b).length === 1)
    ofA.links.send(b.peerId, Uint8Array.of(1))
    ofB.links.send(a.peerId, Uint8Array.of(2))
    await until(() => ofA.frames.length === 1 && ofB.frames.length === 1)
  })

  test('a peer that nobody knows the address of cannot be had', async () => {
    ofA.links.open(b.peerId)
    await until(() => ofA.events.length > 0)
    expect(ofA.events).toEqual([`closed ${nameOf(b.peerId)}`])
  })

  test('a peer that is gone from its address refuses', async () => {
    await a.peerStore.merge(b.peerId, { multiaddrs: b.getMultiaddrs() })
    await b.stop()
    ofA.links.open(b.peerId)
    await until(() => ofA.events.length > 0)
    expect(ofA.events).toEqual([`refused ${nameOf(b.peerId)}`])
  })

  test('it is tagged while it lasts', async () => {
    await connected()
    const hasTag = async (): Promise<boolean> => (await a.peerStore.get(b.peerId)).tags.has(LINK_TAG)
    await eventually(hasTag)
    ofA.links.close(b.peerId)
    await eventually(async () => !(await hasTag()))
  })
})

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

describe('frames', () => {
  test('arrive whole and in order, the largest too', async () => {
    await connected()
    const sent = Array.from({ length: 40 }, (_, n) => new Uint8Array(n % 3 === 0 ? MAX_MESSAGE_BYTES : 1 + n).fill(n))
    sent.forEach((frame) => ofA.links.send(b.peerId, frame))
    await until(() => ofB.frames.length === sent.length)
    expect(ofB.frames.every((frame, n) => Buffer.compare(frame, sent[n] ?? new Uint8Array()) === 0)).toBe(true)
  })

  test('the next one waits for the one before', async () => {
    await connected()
    const first = Promise.withResolvers<undefined>()
    const seen: number[] = []
    ofB.onFrame = (frame) => {
      seen.push(frame[0] ?? -1)
      return seen.length === 1 ? first.promise : undefined
    }
    for (const n of [1, 2, 3]) {
      ofA.links.send(b.peerId, Uint8Array.of(n))
    }
    await until(() => streamsOf(b)[0]?.readStatus === 'paused')
    expect(seen).toEqual([1])
    first.resolve(undefined)
    await until(() => seen.length === 3)
  })

  test('a peer that does not read loses its link, not our memory', async () => {
    await connected()
    streamsOf(b).forEach((stream) => stream.pause())
    const frame = new Uint8Array(MAX_MESSAGE_BYTES)
    let most = 0
    for (let sent = 0; sent < 4 * MAX_SEND_QUEUE_BYTES && ofA.events.length === 1; sent += frame.byteLength) {
      ofA.links.send(b.peerId, frame)
      most = Math.max(most, ...streamsOf(a).map(({ writeBufferLength }) => writeBufferLength))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await until(() => ofA.events.length > 1)
    expect(ofA.events[1]).toBe(`closed ${nameOf(b.peerId)}`)
    expect(most).toBeLessThanOrEqual(MAX_SEND_QUEUE_BYTES)
  })
})

describe('going down', () => {
  test('who closes a link is not told, the other is', async () => {
    await connected()
    ofA.links.close(b.peerId)
    await until(() => ofB.events.length === 2)
    expect(ofB.events[1]).toBe(`closed ${nameOf(a.peerId)}`)
    expect(ofA.events).toEqual([up.a])
    expect(a.getPeers()).toHaveLength(1)
  })

  test('a broken connection is made again at once', async () => {
    await connected()
    a.getConnections().forEach((connection) => connection.abort(new Error('broken')))
    await until(() => ofA.events.length === 3)
    expect(ofA.events).toEqual([up.a, `closed ${nameOf(b.peerId)}`, up.a])
  })

  test('a peer whose connection ended and that is not there any more has refused', async () => {
    await connected()
    await b.stop()
    await until(() => ofA.events.length === 2)
    expect(ofA.events[1]).toBe(`refused ${nameOf(b.peerId)}`)
  })

  test('one that said goodbye is not called again', async () => {
    await connected()
    ofA.isExpected = false
    await b.stop()
    await until(() => ofA.events.length === 2)
    expect(ofA.events[1]).toBe(`closed ${nameOf(b.peerId)}`)
  })
})

describe('a peer without manners', () => {
  let rude: TestNode
  const bytes = (...frames: Uint8Array[]): Uint8Array => Buffer.concat(frames.map(withLength))

  beforeEach(async () => {
    const strangers = await createTestnet({ nodes: 1, seed: 'rude' })
    rude = strangers.node(0)
    await rude.dial(a.getMultiaddrs())
  })
  afterEach(async () => rude.stop())
  const open = async (): Promise<Stream> => rude.dialProtocol(a.peerId, PROTOCOL)

  test.each<[string, Uint8Array]>([
    ['a frame of no bytes', Uint8Array.of(0)],
    ['a frame too large', Uint8Array.of(0x81, 0x80, 0x04)],
    ['a length without an end', Uint8Array.of(0xff, 0xff, 0xff, 0xff)]
  ])('%s ends its link, and it gets no other', async (_, garbage) => {
    const stream = await open()
    await until(() => ofA.events.length === 1)
    stream.send(garbage)
    await until(() => ofA.events.length === 2)
    expect(ofA.events[1]).toBe(`closed ${nameOf(rude.peerId)}`)
    const again = await open().catch(() => undefined)
    await until(() => again?.status !== 'open')
    expect(ofA.events).toHaveLength(2)
    ofA.links.open(rude.peerId)
    await until(() => ofA.events.length === 3)
    expect(ofA.events[2]).toBe(`closed ${nameOf(rude.peerId)}`)
  })

  test('what the reader of frames throws ends it too, at once or later', async () => {
    ofA.onFrame = async () => Promise.reject(new InvalidMessageError('forged'))
    const stream = await open()
    stream.send(bytes(Uint8Array.of(1)))
    await until(() => ofA.events.length === 2)
    await until(() => stream.status !== 'open')
  })

  test('a flood is read no faster than it may, and holds up nobody', async () => {
    await net.connect(a, b)
    const stream = await open()
    await until(() => ofA.events.length === 2)
    let read = 0
    ofA.onFrame = (frame) => {
      read += frame[0] === 9 ? 1 : 0
      if (frame[0] === 7) {
        ofA.frames.push(frame)
      }
    }
    const startedAt = performance.now()
    const flood = bytes(...Array.from({ length: 2_000 }, () => Uint8Array.of(9)))
    for (let turn = 0; turn < 20; turn++) {
      stream.send(flood)
    }
    ofB.links.send(a.peerId, Uint8Array.of(7))
    await until(() => read >= PEER_FRAMES.burst && ofA.frames.length === 1)
    const seconds = (performance.now() - startedAt) / 1000
    expect(read).toBeLessThanOrEqual(PEER_FRAMES.burst + PEER_FRAMES.perSecond * (seconds + 1))
  })

  test('streams are rationed', async () => {
    const startedAt = performance.now()
    const ups = (): number => ofA.events.filter((event) => event.startsWith('up')).length
    for (let opened = 0; opened < PEER_STREAMS.burst + 10; opened++) {
      const before = ups()
      const stream = await open()
      await until(() => ups() > before || stream.status !== 'open')
      stream.abort(new Error('next'))
      await until(() => ofA.events.at(-1) === `closed ${nameOf(rude.peerId)}`)
    }
    const seconds = (performance.now() - startedAt) / 1000
    expect(ups()).toBeLessThanOrEqual(PEER_STREAMS.burst + PEER_STREAMS.perSecond * (seconds + 1))
  })
})
