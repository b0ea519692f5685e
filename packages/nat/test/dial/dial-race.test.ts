import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MAX_PARALLEL_ADDRESSES, RACE_GRACE_MS, STAGGER_MS } from '../../src/dial/constants.ts'
import { DialRace } from '../../src/dial/dial-race.ts'
import { planDials } from '../../src/dial/plan-dials.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const addresses = (count: number): Multiaddr[] =>
  Array.from({ length: count }, (_, index) => multiaddr(`/ip4/5.5.1.${index + 1}/tcp/4001`))

/** Dials that end when the test says so. */
function dialler(): {
  readonly started: string[]
  readonly signals: Map<string, AbortSignal>
  readonly settle: Map<string, { resolve: (connection: Connection) => void; reject: (error: unknown) => void }>
  readonly dial: (address: Multiaddr, signal: AbortSignal) => Promise<Connection>
} {
  const started: string[] = []
  const signals = new Map<string, AbortSignal>()
  const settle = new Map<string, { resolve: (connection: Connection) => void; reject: (error: unknown) => void }>()
  const dial = async (address: Multiaddr, signal: AbortSignal): Promise<Connection> => {
    started.push(address.toString())
    signals.set(address.toString(), signal)
    return new Promise((resolve, reject) => {
      settle.set(address.toString(), { resolve, reject })
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
  }
  return { started, signals, settle, dial }
}

const now = (): number => Date.now()
const never = new AbortController().signal
const connection = (id: string, limits?: Connection['limits']): Connection =>
  ({ id, limits, remoteAddr: multiaddr('/ip4/5.5.1.1/tcp/4001') }) as Connection

test('addresses start a quarter of a second apart, and whoever is asked for gets the first that answers', async () => {
  const [a, b, c] = addresses(3) as [Multiaddr, Multiaddr, Multiaddr]
  const { started, signals, settle, dial } = dialler()
  const race = new DialRace(planDials([a, b, c], new Set()), dial, now)
  const asked = race.ask(a, never)
  expect(started).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(STAGGER_MS)
  expect(started).toHaveLength(2)
  settle.get(b.toString())?.resolve(connection('b'))
  expect((await asked).id).toBe('b')
  expect(signals.get(a.toString())?.aborted).toBe(true)
  // transports may end a connection by the signal that it was dialled with
  expect(signals.get(b.toString())?.aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(10 * STAGGER_MS)
  expect(started).toHaveLength(2)
  expect(race.over).toBe(true)
})

test('one that fails gives its place to the next at once', async () => {
  const [a, b, c] = addresses(3) as [Multiaddr, Multiaddr, Multiaddr]
  const { started, settle, dial } = dialler()
  const race = new DialRace(planDials([a, b, c], new Set()), dial, now)
  const asked = race.ask(a, never)
  settle.get(a.toString())?.reject(new DOMException('refused', 'NetworkError'))
  await vi.advanceTimersByTimeAsync(0)
  expect(started).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(STAGGER_MS)
  expect(started).toHaveLength(3)
  settle.get(c.toString())?.resolve(connection('c'))
  expect((await asked).id).toBe('c')
})

test('when all failed, each says why its own did', async () => {
  const [a, b] = addresses(2) as [Multiaddr, Multiaddr]
  const { settle, dial } = dialler()
  const race = new DialRace(planDials([a, b], new Set()), dial, now)
  const asked = race.ask(a, never)
  const failed = expect(asked).rejects.toThrow('first')
  settle.get(a.toString())?.reject(new DOMException('first', 'NetworkError'))
  await vi.advanceTimersByTimeAsync(0)
  settle.get(b.toString())?.reject(new DOMException('second', 'NetworkError'))
  await failed
  await expect(race.ask(b, never)).rejects.toThrow('second')
})

test('an address that libp2p gives up goes on while the next is asked for', async () => {
  const [a, b] = addresses(2) as [Multiaddr, Multiaddr]
  const { settle, signals, dial } = dialler()
  const race = new DialRace(planDials([a, b], new Set()), dial, now)
  const gaveUp = new AbortController()
  const asked = expect(race.ask(a, gaveUp.signal)).rejects.toThrow()
  await vi.advanceTimersByTimeAsync(STAGGER_MS)
  gaveUp.abort()
  await asked
  const second = race.ask(b, never)
  await vi.advanceTimersByTimeAsync(2 * RACE_GRACE_MS)
  expect(signals.get(a.toString())?.aborted).toBe(false)
  settle.get(a.toString())?.resolve(connection('a'))
  expect((await second).id).toBe('a')
})

test('when nobody asks any more, everything is called off after a moment', async () => {
  const [a, b] = addresses(2) as [Multiaddr, Multiaddr]
  const { signals, dial } = dialler()
  const race = new DialRace(planDials([a, b], new Set()), dial, now)
  const gaveUp = new AbortController()
  const asked = expect(race.ask(a, gaveUp.signal)).rejects.toThrow()
  gaveUp.abort()
  await asked
  await vi.advanceTimersByTimeAsync(RACE_GRACE_MS)
  expect(signals.get(a.toString())?.aborted).toBe(true)
  expect(race.over).toBe(true)
})

test('no more than so many are dialled at a time', async () => {
  const many = addresses(MAX_PARALLEL_ADDRESSES + 3)
  const { started, settle, dial } = dialler()
  const race = new DialRace(planDials(many, new Set()), dial, now)
  const asked = race.ask(many[0]!, never)
  await vi.advanceTimersByTimeAsync(4_000)
  expect(started).toHaveLength(MAX_PARALLEL_ADDRESSES)
  settle.get(started[0]!)?.reject(new DOMException('refused', 'NetworkError'))
  await vi.advanceTimersByTimeAsync(0)
  expect(started).toHaveLength(MAX_PARALLEL_ADDRESSES + 1)
  settle.get(started.at(-1)!)?.resolve(connection('x'))
  await asked
})

test('beside a relay that answers first the direct dials under way go on, and no more are begun', async () => {
  const [a, b, c] = addresses(3) as [Multiaddr, Multiaddr, Multiaddr]
  const { started, settle, signals, dial } = dialler()
  const race = new DialRace(planDials([a, b, c], new Set()), dial, now)
  const asked = race.ask(a, never)
  await vi.advanceTimersByTimeAsync(STAGGER_MS)
  settle.get(b.toString())?.resolve(connection('b', { bytes: 1n }))
  expect((await asked).id).toBe('b')
  await vi.advanceTimersByTimeAsync(10 * STAGGER_MS)
  expect(signals.get(a.toString())?.aborted).toBe(false)
  expect(started).toHaveLength(2)
})

test('addresses that are added are dialled beside the rest, and none twice', async () => {
  const [a, b, c] = addresses(3) as [Multiaddr, Multiaddr, Multiaddr]
  const { started, settle, dial } = dialler()
  const race = new DialRace(planDials([a], new Set()), dial, now)
  const asked = race.ask(a, never)
  await vi.advanceTimersByTimeAsync(10 * STAGGER_MS)
  race.add([a, b, c])
  expect(started).toEqual([a, b].map(String))
  await vi.advanceTimersByTimeAsync(STAGGER_MS)
  expect(started).toEqual([a, b, c].map(String))
  settle.get(b.toString())?.resolve(connection('b'))
  expect((await asked).id).toBe('b')
  race.add(addresses(5))
  await vi.advanceTimersByTimeAsync(10 * STAGGER_MS)
  expect(started).toHaveLength(3)
})

test('a connection from elsewhere ends it', async () => {
  const [a, b] = addresses(2) as [Multiaddr, Multiaddr]
  const { started, signals, dial } = dialler()
  const race = new DialRace(planDials([a, b], new Set()), dial, now)
  const asked = race.ask(a, never)
  race.take(connection('inbound'))
  expect((await asked).id).toBe('inbound')
  expect(signals.get(a.toString())?.aborted).toBe(true)
  await vi.advanceTimersByTimeAsync(10 * STAGGER_MS)
  expect(started).toEqual([a.toString()])
})

test('what is added of a class that is put last comes last', async () => {
  const [a, b] = addresses(2) as [Multiaddr, Multiaddr]
  const hole = multiaddr('/ip6/2606:4700::1/tcp/4001')
  const { started, dial } = dialler()
  const race = new DialRace(planDials([a], new Set()), dial, now, new Set(['tcp6']))
  race.ask(a, never).catch(() => undefined)
  race.add([hole, b])
  await vi.advanceTimersByTimeAsync(10 * STAGGER_MS)
  expect(started).toEqual([a, b, hole].map(String))
})
