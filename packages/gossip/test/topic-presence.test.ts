import type { PeerId } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FIRST_PAUSE_MS, MAX_REACH_TRIES, MIN_ANNOUNCE_GAP_MS, PAUSE_GROWTH, REACH_RETRY_MS } from '../src/constants.ts'
import { TopicPresence } from '../src/topic-presence.ts'
import { decodePresence } from '../src/wire/codec.ts'
import { randomPeer } from './support/peers.ts'

const INTERVAL_MS = 10_000
const address = multiaddr('/ip4/127.0.0.1/tcp/4001')

let self: PeerId
let other: PeerId
let subscribers: PeerId[]
let reached: PeerId[]
let log: string[]
let presence: TopicPresence
let publishError: Error | undefined

beforeEach(async () => {
  vi.useFakeTimers()
  ;[self, other] = [await randomPeer(), await randomPeer()]
  subscribers = []
  reached = []
  log = []
  publishError = undefined
  presence = new TopicPresence({
    topic: 'topic',
    intervalMs: INTERVAL_MS,
    addresses: () => [address],
    log: defaultLogger().forComponent('test'),
    pubsub: {
      subscribe: (topic) => log.push(`subscribe ${topic}`),
      unsubscribe: (topic) => log.push(`unsubscribe ${topic}`),
      getSubscribers: () => subscribers,
      publish: async (_topic, data) => {
        if (publishError !== undefined) {
          throw publishError
        }
        log.push(decodePresence(data ?? new Uint8Array(), self).type)
        return { recipients: reached }
      }
    }
  })
})

afterEach(() => {
  presence.close()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

async function pass(ms: number): Promise<number> {
  log = []
  await vi.advanceTimersByTimeAsync(ms)
  return log.filter((entry) => entry === 'here').length
}

test('says that it is here when it joins', async () => {
  presence.join()
  await vi.advanceTimersByTimeAsync(0)
  expect(log).toEqual(['subscribe topic', 'here'])
})

test('pauses several times as long each time, up to the interval', async () => {
  presence.join()
  await pass(0)
  for (let pauseMs = FIRST_PAUSE_MS; pauseMs < INTERVAL_MS; pauseMs *= PAUSE_GROWTH) {
    expect(await pass(pauseMs - 1)).toBe(0)
    expect(await pass(1)).toBe(1)
  }
  for (let n = 0; n < 3; n++) {
    expect(await pass(INTERVAL_MS - 1)).toBe(0)
    expect(await pass(1)).toBe(1)
  }
})

test('welcomes a newcomer at once', async () => {
  presence.join()
  await pass(1_000)
  presence.welcome()
  expect(await pass(0)).toBe(1)
})

test('welcomes the first listener at once, though it has just spoken to nobody', async () => {
  presence.join()
  await pass(0)
  subscribers = reached = [other]
  presence.welcome()
  expect(await pass(0)).toBe(1)
})

test('welcomes a stream of newcomers together, after a gap that grows with the audience', async () => {
  subscribers = reached = [other]
  presence.join()
  await pass(0)
  presence.welcome()
  presence.welcome()
  expect(await pass(MIN_ANNOUNCE_GAP_MS)).toBe(0)
  expect(await pass(25)).toBe(1)
})

test('repeats itself for a listener it did not reach, but not for ever', async () => {
  subscribers = [other]
  presence.join()
  await pass(0)
  // each pause is twice the one before
  expect(await pass(REACH_RETRY_MS * (2 ** MAX_REACH_TRIES - 1))).toBe(MAX_REACH_TRIES)
  expect(await pass(FIRST_PAUSE_MS - 1)).toBe(0)
})

test('stops repeating itself when everybody was reached', async () => {
  subscribers = [other]
  presence.join()
  await pass(0)
  reached = [other]
  expect(await pass(REACH_RETRY_MS)).toBe(1)
  expect(await pass(FIRST_PAUSE_MS - 1)).toBe(0)
})

test('goes on after a publish that failed', async () => {
  publishError = new TypeError('no stream')
  presence.join()
  await pass(0)
  publishError = undefined
  expect(await pass(FIRST_PAUSE_MS)).toBe(1)
})

test('says goodbye once and then nothing more', async () => {
  presence.join()
  await pass(0)
  log = []
  await presence.leave()
  await presence.leave()
  presence.welcome()
  expect(log).toEqual(['leaving', 'unsubscribe topic'])
  expect(await pass(INTERVAL_MS)).toBe(0)
})

test('a goodbye that cannot be said is not an error', async () => {
  presence.join()
  publishError = new TypeError('no stream')
  await presence.leave()
})
