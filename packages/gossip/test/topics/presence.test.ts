import type { PeerId } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { multiaddr } from '@multiformats/multiaddr'
import type { HaveSummary } from '@p2pshare/interface'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  ANNOUNCE_GAP_PER_PEER_MS,
  COMPLETE_POLL_MS,
  INTERVAL_PER_PEER_MS,
  MAX_ANNOUNCE_GAP_MS,
  MAX_REACH_TRIES,
  MIN_ANNOUNCE_GAP_MS,
  REACH_RETRY_MS,
  REPEAT_MS
} from '../../src/topics/constants.ts'
import { TopicPresence } from '../../src/topics/presence.ts'
import { decodePresence } from '../../src/wire/presence-codec.ts'
import { randomPeer } from '../support/peers.ts'

const INTERVAL_MS = 10_000
const address = multiaddr('/ip4/127.0.0.1/tcp/4001')

let self: PeerId
let other: PeerId
let subscribers: PeerId[]
let reached: PeerId[]
let audience: number
let have: HaveSummary | undefined
let log: string[]
let last: ReturnType<typeof decodePresence> | undefined
let presence: TopicPresence
let publishError: Error | undefined

beforeEach(async () => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(1)
  ;[self, other] = [await randomPeer(), await randomPeer()]
  subscribers = []
  reached = []
  audience = 0
  have = undefined
  log = []
  publishError = undefined
  presence = new TopicPresence({
    topic: 'topic',
    intervalMs: INTERVAL_MS,
    addresses: () => [address],
    have: () => have,
    audience: () => audience,
    log: defaultLogger().forComponent('test'),
    pubsub: {
      subscribe: (topic) => log.push(`subscribe ${topic}`),
      unsubscribe: (topic) => log.push(`unsubscribe ${topic}`),
      getSubscribers: () => subscribers,
      publish: async (_topic, data) => {
        if (publishError !== undefined) {
          throw publishError
        }
        last = decodePresence(data ?? new Uint8Array(), self)
        log.push(last.type)
        return { recipients: reached }
      }
    }
  })
})

afterEach(() => {
  presence.close()
  expect(vi.getTimerCount()).toBe(0)
  vi.restoreAllMocks()
  vi.useRealTimers()
})

async function pass(ms: number): Promise<number> {
  log = []
  await vi.advanceTimersByTimeAsync(ms)
  return log.filter((entry) => entry === 'here').length
}

test('says that it is here when it joins, once more soon after, and then every interval', async () => {
  presence.join()
  await vi.advanceTimersByTimeAsync(0)
  expect(log).toEqual(['subscribe topic', 'here'])
  expect(await pass(REPEAT_MS - 1)).toBe(0)
  expect(await pass(1)).toBe(1)
  for (let n = 0; n < 3; n++) {
    expect(await pass(INTERVAL_MS - 1)).toBe(0)
    expect(await pass(1)).toBe(1)
  }
})

test('the interval is not the same for all, for ever', async () => {
  vi.mocked(Math.random).mockReturnValue(0)
  presence.join()
  await pass(REPEAT_MS)
  expect(await pass(0.9 * INTERVAL_MS - 1)).toBe(0)
  expect(await pass(1)).toBe(1)
})

test('in a large audience everybody speaks less often, and says so', async () => {
  audience = 100
  presence.join()
  await pass(REPEAT_MS)
  expect(last).toMatchObject({ everyS: (100 * INTERVAL_PER_PEER_MS) / 1000 })
  expect(await pass(100 * INTERVAL_PER_PEER_MS - 1)).toBe(0)
  expect(await pass(1)).toBe(1)
})

test('a neighbour that what was said did not reach is told at once when nobody was reached yet', async () => {
  presence.join()
  await pass(0)
  subscribers = reached = [other]
  presence.met(other)
  expect(await pass(0)).toBe(1)
})

test('a neighbour that heard it needs no more', async () => {
  subscribers = reached = [other]
  presence.join()
  await pass(REPEAT_MS)
  presence.met(other)
  expect(await pass(INTERVAL_MS - 1)).toBe(0)
})

test('a stream of new neighbours is told together, after a gap that grows with the audience', async () => {
  subscribers = reached = [other]
  audience = 1
  presence.join()
  await pass(0)
  presence.met(await randomPeer())
  presence.met(await randomPeer())
  expect(await pass(MIN_ANNOUNCE_GAP_MS)).toBe(0)
  expect(await pass(25)).toBe(1)
})

test('while newcomers come one after the other, the gap doubles up to MAX_ANNOUNCE_GAP_MS', async () => {
  subscribers = reached = [other]
  audience = 10
  presence.join()
  await pass(0)
  const gaps: number[] = []
  for (let waited = 0; waited < 4 * MAX_ANNOUNCE_GAP_MS; waited += 50) {
    presence.met(self)
    const said = await pass(50)
    gaps.push(...(said > 0 ? [waited + 50 - gaps.reduce((sum, gap) => sum + gap, 0)] : []))
  }
  expect(gaps).toEqual([500, 1000, 2000, 4000, MAX_ANNOUNCE_GAP_MS, MAX_ANNOUNCE_GAP_MS])
})

test('after a pause of twice that the gap is short again', async () => {
  subscribers = reached = [other]
  presence.join()
  await pass(REPEAT_MS)
  presence.met(self)
  expect(await pass(MIN_ANNOUNCE_GAP_MS)).toBe(0)
  expect(await pass(MIN_ANNOUNCE_GAP_MS)).toBe(1)
  expect(await pass(2 * MAX_ANNOUNCE_GAP_MS)).toBe(1)
  presence.met(self)
  expect(await pass(MIN_ANNOUNCE_GAP_MS)).toBe(1)
})

test('in a very large audience the gap is longer than MAX_ANNOUNCE_GAP_MS, and stays as it is', async () => {
  subscribers = reached = [other]
  audience = 1000
  presence.join()
  await pass(0)
  const gapMs = MIN_ANNOUNCE_GAP_MS + 1000 * ANNOUNCE_GAP_PER_PEER_MS
  presence.met(self)
  expect(await pass(REPEAT_MS)).toBe(1)
  presence.met(self)
  expect(await pass(gapMs - 1)).toBe(0)
  expect(await pass(1)).toBe(1)
})

test('a listener it did not reach has to wait for the gap too when others were reached just now', async () => {
  reached = [other]
  subscribers = [other, self]
  audience = 10
  presence.join()
  await pass(0)
  expect(await pass(499)).toBe(0)
  expect(await pass(1)).toBe(1)
})

test('repeats itself for a listener it did not reach, but not for ever', async () => {
  subscribers = [other]
  presence.join()
  await pass(0)
  const triesMs = REACH_RETRY_MS * (2 ** MAX_REACH_TRIES - 1)
  expect(await pass(triesMs)).toBe(MAX_REACH_TRIES)
  expect(await pass(REPEAT_MS)).toBe(1)
  expect(await pass(INTERVAL_MS - 1)).toBe(0)
})

test('goes on after a publish that failed', async () => {
  publishError = new TypeError('no stream')
  presence.join()
  await pass(0)
  publishError = undefined
  expect(await pass(REPEAT_MS)).toBe(1)
})

test('says what it has, and at once when that is all', async () => {
  have = { leaves: 4, held: 1, map: Uint8Array.of(1) }
  presence.join()
  await pass(REPEAT_MS)
  expect(last).toMatchObject({ have: { leaves: 4, held: 1 } })
  have = { leaves: 4, held: 2, map: Uint8Array.of(3) }
  expect(await pass(COMPLETE_POLL_MS)).toBe(0)
  have = { leaves: 4, held: 4 }
  expect(await pass(COMPLETE_POLL_MS)).toBe(1)
  expect(last).toMatchObject({ have })
  expect(await pass(INTERVAL_MS - COMPLETE_POLL_MS)).toBe(0)
})

test('says goodbye once and then nothing more', async () => {
  presence.join()
  await pass(0)
  log = []
  await presence.leave()
  await presence.leave()
  presence.met(other)
  expect(log).toEqual(['leaving', 'unsubscribe topic'])
  expect(await pass(INTERVAL_MS)).toBe(0)
})

test('a goodbye that cannot be said is not an error', async () => {
  presence.join()
  publishError = new TypeError('no stream')
  await presence.leave()
})
