import { TypedEventEmitter } from 'main-event'
import type { Connection, Libp2pEvents, MessageStream, PeerId, Stream, StreamMuxer } from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { expect, test, vi } from 'vitest'
import { FAILURES_BETWEEN, MAX_EARLY_FAILURES } from '../src/failure-budget.ts'
import { brakedStreams, MAX_BRAKED_PEERS } from '../src/stream-brake.ts'

interface Pair {
  readonly far: StreamMuxer
  /** The connection of the side that accepts. */
  readonly connection: MessageStream & { readonly readStatus?: string }
  readonly accepted: Stream[]
}

/** A node that accepts connections, as far as muxers see it. Its clock stands still. */
class Host {
  readonly #events = new TypedEventEmitter<Libp2pEvents>()
  readonly #factory = brakedStreams(yamux(), () => 0)({ events: this.#events })

  connect(peer = 'somebody'): Pair {
    const [outbound, inbound] = multiaddrConnectionPair()
    const far = yamux()().createStreamMuxer(outbound)
    const near = this.#factory.createStreamMuxer(inbound)
    const accepted: Stream[] = []
    near.addEventListener('stream', ({ detail }) => {
      accepted.push(detail)
    })
    const detail = { streams: near.streams, remotePeer: { toString: () => peer } as PeerId } as Connection
    this.#events.safeDispatchEvent('connection:open', { detail })
    return { far, connection: inbound, accepted }
  }
}

function pair(): Pair {
  return new Host().connect()
}

/** A peer of whom so many streams were refused that it has to wait. */
async function failing(host: Host, peer?: string): Promise<Pair> {
  const made = host.connect(peer)
  await open(made, MAX_EARLY_FAILURES + 1)
  for (const stream of made.accepted) {
    stream.abort(new TypeError('refused'))
  }
  return made
}

/** Opens so many streams; resolves when they are with the other side. */
async function open({ far, accepted }: Pair, count: number): Promise<void> {
  const before = accepted.length
  for (let at = 0; at < count; at++) {
    await far.createStream()
  }
  await vi.waitUntil(() => accepted.length === before + count, { timeout: 60_000 })
}

test('a peer whose streams are refused is heard no more when there were MAX_EARLY_FAILURES and one', async () => {
  const peer = pair()
  await open(peer, MAX_EARLY_FAILURES + 1)
  const [last, ...others] = peer.accepted
  for (const stream of others) {
    stream.abort(new TypeError('refused'))
  }
  expect(peer.connection.readStatus).toBe('readable')
  last?.abort(new TypeError('refused'))
  expect(peer.connection.readStatus).toBe('paused')
})

test('it is heard again, and what it sent meanwhile arrives', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const peer = pair()
    await vi.waitFor(async () => open(peer, MAX_EARLY_FAILURES + 1))
    for (const stream of peer.accepted) {
      stream.abort(new TypeError('refused'))
    }
    await peer.far.createStream()
    await vi.advanceTimersByTimeAsync(999)
    expect(peer.accepted).toHaveLength(MAX_EARLY_FAILURES + 1)
    await vi.advanceTimersByTimeAsync(1)
    expect(peer.connection.readStatus).toBe('readable')
    await vi.waitUntil(() => peer.accepted.length === MAX_EARLY_FAILURES + 2)
  } finally {
    vi.useRealTimers()
  }
})

test('streams that the peer resets count as well, and those that end in order do not', async () => {
  const peer = pair()
  await open(peer, 2 * MAX_EARLY_FAILURES)
  const closed = peer.accepted.splice(0, MAX_EARLY_FAILURES)
  await Promise.all(peer.far.streams.slice(0, MAX_EARLY_FAILURES).map(async (stream) => stream.close()))
  await Promise.all(closed.map(async (stream) => stream.close()))
  for (const stream of [...peer.far.streams]) {
    stream.abort(new TypeError('called off'))
  }
  await vi.waitUntil(() => peer.accepted.every(({ status }) => status === 'reset'), { timeout: 60_000 })
  expect(peer.connection.readStatus).toBe('readable')
  await open(peer, 1)
  peer.accepted.at(-1)?.abort(new TypeError('refused'))
  expect(peer.connection.readStatus).toBe('paused')
})

test('a peer that comes back waits on, and others do not', async () => {
  const host = new Host()
  await failing(host, 'mallory')
  expect(host.connect('mallory').connection.readStatus).toBe('paused')
  expect(host.connect('alice').connection.readStatus).toBe('readable')
})

test('MAX_BRAKED_PEERS are remembered; with one more the first of them is forgotten', async () => {
  const budgets = vi.spyOn(Map.prototype, 'set')
  const host = new Host()
  await failing(host, 'the first')
  const known = budgets.mock.contexts.find((map, at) => budgets.mock.calls[at]?.[0] === 'the first') as Map<
    string,
    unknown
  >
  budgets.mockRestore()
  for (let at = 1; at < MAX_BRAKED_PEERS; at++) {
    known.set(`peer ${at}`, known.get('the first'))
  }
  expect(host.connect('the first').connection.readStatus).toBe('paused') // and is the last that failed now
  await failing(host, 'one more')
  expect([known.size, known.has('peer 1'), known.has('the first')]).toEqual([MAX_BRAKED_PEERS, false, true])
})

test('what was read before the pause is reset, and a few streams at a time are taken after it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const host = new Host()
    const peer = await vi.waitFor(async () => failing(host))
    const before = peer.accepted.length
    for (let at = 0; at < 3 * FAILURES_BETWEEN; at++) {
      await peer.far.createStream()
    }
    await vi.advanceTimersByTimeAsync(1000)
    await vi.waitUntil(() => peer.accepted.length > before)
    await vi.advanceTimersByTimeAsync(100)
    expect(peer.accepted.length - before).toBe(FAILURES_BETWEEN)
  } finally {
    vi.useRealTimers()
  }
})
