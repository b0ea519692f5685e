import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LookupRun, MAX_LOOKUP_MESSAGES } from '../../src/lookup/lookup-run.ts'
import type { LookupResult } from '../../src/lookup/lookup-run.ts'
import { Meter } from '../../src/lookup/meter.ts'
import { watchedBy } from '../../src/lookup/trace.ts'
import type { Network } from '../../src/network.ts'
import { positionOfKey } from '../../src/rpc/contacts.ts'
import type { DhtContact } from '../../src/rpc/contacts.ts'
import { FINDABLE_ACKS } from '../../src/rules/ack-state.ts'
import { SEEDS } from '../../src/rules/lookup.ts'
import { REPLICATION } from '../../src/rules/network-size.ts'
import type { KnownSize } from '../../src/rules/network-size.ts'
import type { Position } from '../../src/rules/position.ts'
import type { TraceEvent } from '../../src/types.ts'
import { pause } from '../../src/wait.ts'
import { MessageType } from '../../src/wire/messages.ts'
import { rootOf } from '../support/roots.ts'
import { VirtualWorld } from '../support/virtual-world.ts'
import type { VirtualNode } from '../support/virtual-world.ts'

const key = rootOf(1).multihash.bytes
const never = new AbortController().signal

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** A lookup in virtual time, and all that happened in it. */
async function run(
  network: Network,
  kind: 'find' | 'provide',
  options: { onFindable?: () => void; onProviders?: (names: string[]) => void; signal?: AbortSignal } = {}
): Promise<{ result: LookupResult; events: TraceEvent[]; tookMs: number }> {
  const events: TraceEvent[] = []
  const { onFindable, onProviders, signal = never } = options
  const startedAt = performance.now()
  const running = network.lookup({
    kind,
    type: kind === 'find' ? MessageType.GET_PROVIDERS : MessageType.FIND_NODE,
    key,
    signal,
    shutdown: never,
    emit: watchedBy('own', (event) => events.push(event)),
    ...(onFindable === undefined ? {} : { onFindable }),
    onProviders: (providers) => onProviders?.(providers.map((each) => each.key))
  })
  return { result: await inVirtualTime(running), events, tookMs: performance.now() - startedAt }
}

async function inVirtualTime(running: Promise<LookupResult>): Promise<LookupResult> {
  let result: LookupResult | undefined
  void running.then((value) => (result = value))
  while (result === undefined) {
    await vi.advanceTimersByTimeAsync(10)
  }
  return result
}

function silence(world: VirtualWorld, self: VirtualNode, every: number): void {
  world.nodes.forEach((node, at) => {
    node.fate = at % every === 0 && node !== self ? 'silent' : 'answers'
  })
}

test('an announcement is findable within a soft timeout and complete though every tenth node is a black hole', async () => {
  const world = new VirtualWorld('black holes', 100)
  const [self] = world.nodes.slice(3) as [VirtualNode]
  silence(world, self, 10)
  let findableAt = Infinity
  const { result, events, tookMs } = await run(world.networkOf(self), 'provide', {
    onFindable: () => {
      findableAt = performance.now()
    }
  })
  expect(result.state).toBe('complete')
  expect(result.holders).toHaveLength(20)
  expect(findableAt).toBeLessThan(performance.now())
  expect(events.find(({ name }) => name === 'findable')?.atMs).toBeLessThan(1_000)
  expect(tookMs).toBeLessThan(3_500)
  const truth = world.nearest(positionOfKey(key), 20, (node) => node.fate === 'answers' && node !== self)
  expect(truth.filter(({ id }) => result.holders.some((holder) => holder.id.equals(id))).length).toBeGreaterThanOrEqual(
    18
  )
})

test('findable is said once, at five confirmations', async () => {
  const world = new VirtualWorld('findable', 60)
  const onFindable = vi.fn()
  const { events } = await run(world.networkOf(world.node(0)), 'provide', { onFindable })
  expect(onFindable).toHaveBeenCalledTimes(1)
  expect(onFindable.mock.calls[0]?.[0]).toHaveLength(FINDABLE_ACKS)
  expect(events.filter(({ name }) => name === 'findable')).toHaveLength(1)
})

test('in a network of four, three confirmations are all there can be', async () => {
  const world = new VirtualWorld('four', 4)
  const { result } = await run(world.networkOf(world.node(0)), 'provide')
  expect(result.state).toBe('complete')
  expect(result.holders).toHaveLength(3)
})

test('with everybody gone nothing is announced, and the lookup ends', async () => {
  const world = new VirtualWorld('gone', 30)
  const [self, ...others] = world.nodes as [VirtualNode, ...VirtualNode[]]
  others.forEach((node) => (node.fate = 'gone'))
  const { result, events } = await run(world.networkOf(self), 'provide')
  expect(result.state).toBe('queued')
  expect(result.holders).toEqual([])
  expect(events.at(-1)).toMatchObject({ name: 'end', why: 'exhausted', acks: 0 })
})

test('who cannot be reached is taken out of the table, unless hardly anybody can', async () => {
  const world = new VirtualWorld('some gone', 100)
  const [self] = world.nodes.slice(3) as [VirtualNode]
  world.nodes.forEach((node, at) => {
    node.fate = at % 4 === 0 ? 'gone' : 'answers'
  })
  const { events } = await run(world.networkOf(self), 'provide')
  const failed = events.flatMap((event) => (event.name === 'failed' ? [event.peer.toString()] : []))
  expect(failed.length).toBeGreaterThan(0)
  expect(world.forgotten).toEqual([...new Set(failed)])

  const gone = new VirtualWorld('gone', 30)
  const [lonely, ...others] = gone.nodes as [VirtualNode, ...VirtualNode[]]
  others.slice(2).forEach((node) => (node.fate = 'gone'))
  await run(gone.networkOf(lonely), 'provide')
  expect(gone.forgotten).toEqual([])
})

test('a black hole leaves the table with its second silence, and those that answer stay', async () => {
  const world = new VirtualWorld('departures', 60)
  const [self] = world.nodes.slice(3) as [VirtualNode]
  const [hole] = world.nearest(positionOfKey(key), 1, (node) => node !== self) as [VirtualNode]
  hole.fate = 'silent'
  const network = world.networkOf(self)
  for (let silences = 1; silences <= 2; silences++) {
    await run(network, 'provide')
    // the record that nobody confirms is given up after five seconds
    await vi.advanceTimersByTimeAsync(10_000)
    expect(world.forgotten).toEqual(silences === 1 ? [] : [hole.id.toString()])
  }
})

test('a key that seems crowded is judged by what others say about the size', async () => {
  const world = new VirtualWorld('resized', 300)
  const [self] = world.nodes as [VirtualNode]
  const network = world.networkOf(self)
  // knows a fifth of its neighbours
  const { closest } = network.kad
  network.kad.closest = (position, count) =>
    position === network.position ? closest(position, 300).filter((_, at) => at % 5 === 4) : closest(position, count)
  network.kad.tableSize = () => 30
  const { events, result } = await run(network, 'provide')
  expect(network.nodes()).toBeGreaterThan(150)
  expect(events.some(({ name }) => name === 'alarm')).toBe(false)
  expect(result.state).toBe('complete')
})

/** An announcement among 300 that begins with a fifth of them for its estimate, and is told `size` after `ms`. */
async function resized(
  at: number,
  ms: number,
  size: KnownSize | undefined
): Promise<{ result: LookupResult; alarms: TraceEvent[] }> {
  const world = new VirtualWorld(`resized ${at}`, 300)
  const [self] = world.nodes as [VirtualNode]
  const { kad, contacts, rpc } = world.networkOf(self)
  const seedsNear = (position: Position): DhtContact[] => kad.closest(position, SEEDS).map((id) => contacts.of(id))
  const events: TraceEvent[] = []
  const target = positionOfKey(key)
  const run = new LookupRun(
    {
      kind: 'provide',
      type: MessageType.FIND_NODE,
      key,
      target,
      nodes: 60,
      ranks: REPLICATION,
      seeds: seedsNear(target),
      seedsNear,
      signal: never,
      shutdown: never,
      resize: async () => {
        await pause(ms, {})
        return size
      }
    },
    { rpc, meter: new Meter(), emit: watchedBy('own', (event) => events.push(event)) }
  )
  return { result: await inVirtualTime(run.run()), alarms: events.filter(({ name }) => name === 'alarm') }
}

test.each([400, 1_500])('an alarm waits for the new size, though it takes %i ms', async (ms) => {
  for (let at = 0; at < 3; at++) {
    const { result, alarms } = await resized(at, ms, { nodes: 300, ranks: 2 * REPLICATION })
    expect(alarms).toEqual([])
    expect(result.state).toBe('complete')
  }
})

test('an alarm is raised, and named, by the new size; by the old one when nothing is known of a new one', async () => {
  const { result, alarms } = await resized(1, 400, { nodes: 70, ranks: 2 * REPLICATION })
  expect(result.alarm).toBe(true)
  expect(alarms).toMatchObject([{ nodes: 70 }])
  expect((await resized(1, 400, undefined)).alarms).toMatchObject([{ nodes: 60 }])
})

test('a search streams what is named and asks on: it ends when the nearest have answered', async () => {
  const world = new VirtualWorld('stream', 100)
  const [provider, finder] = world.nodes as [VirtualNode, VirtualNode]
  await run(world.networkOf(provider), 'provide')
  const named: string[] = []
  const { events } = await run(world.networkOf(finder), 'find', {
    onProviders: (names) => {
      named.push(...names)
    }
  })
  expect(new Set(named)).toEqual(new Set([provider.contact.key]))
  expect(named.length).toBeGreaterThan(3)
  expect(events.filter(({ name }) => name === 'answer').length).toBeGreaterThanOrEqual(20)
  expect(events.at(-1)).toMatchObject({ name: 'end', why: 'exhausted' })
})

test('a late answer counts: the only holder is slow', async () => {
  const world = new VirtualWorld('slow', 40)
  const [finder] = world.nodes as [VirtualNode]
  const [holder] = world.nearest(positionOfKey(key), 1, (node) => node !== finder) as [VirtualNode]
  const network = world.networkOf(finder)
  const { ask } = network.rpc
  network.rpc.ask = async (contact, type, asked, options) => {
    if (contact.key === holder.contact.key) {
      await new Promise((resolve) => setTimeout(resolve, 3_000))
    }
    return ask(contact, type, asked, options)
  }
  await run(world.networkOf(holder), 'provide')
  const { events } = await run(network, 'find')
  expect(events.filter(({ name }) => name === 'slow')).toHaveLength(1)
  expect(events.some((event) => event.name === 'answer' && event.peer.equals(holder.id))).toBe(true)
})

test('aborted, it ends at once and asks nobody any more', async () => {
  const world = new VirtualWorld('abort', 50)
  const controller = new AbortController()
  setTimeout(() => {
    controller.abort()
  }, 30)
  const { events, tookMs } = await run(world.networkOf(world.node(0)), 'find', {
    signal: controller.signal
  })
  expect(tookMs).toBeLessThanOrEqual(40)
  expect(events.at(-1)).toMatchObject({ name: 'end', why: 'left' })
})

test('peers that name each other in a circle are asked once', async () => {
  const world = new VirtualWorld('circle', 40)
  world.answer = (node) => [node.contact, ...world.nodes.slice(0, 3).map(({ contact }) => contact)]
  const { events } = await run(world.networkOf(world.node(9)), 'find')
  const asked = events.flatMap((event) => (event.name === 'ask' ? [event.peer.toString()] : []))
  expect(new Set(asked).size).toBe(asked.length)
})

test('who names new peers nearer and nearer for ever ends the lookup at 500 messages', async () => {
  const world = new VirtualWorld('endless', 30)
  const target = positionOfKey(key)
  let nearer = 0
  world.answer = () =>
    [0, 1, 2].map(() => ({
      ...world.add().contact,
      position: { high: target.high, low: (target.low ^ (2 ** 31 - ++nearer)) >>> 0 }
    }))
  const network = world.networkOf(world.node(0))
  // without an estimate no alarm ends it earlier
  network.nodes = () => undefined
  const { events } = await run(network, 'find')
  const asked = events.filter(({ name }) => name === 'ask').length
  expect(asked).toBeGreaterThanOrEqual(MAX_LOOKUP_MESSAGES)
  // those that were sent in one step count as one
  expect(asked).toBeLessThan(MAX_LOOKUP_MESSAGES + 10)
  expect(events.at(-1)).toMatchObject({ name: 'end', why: 'exhausted', messages: asked })
})

test('hops count from the own contacts', async () => {
  const world = new VirtualWorld('hops', 200)
  const [self] = world.nodes as [VirtualNode]
  const network = world.networkOf(self)
  const far = world.nearest(positionOfKey(key), 200).slice(-10)
  network.kad.closest = () => far.map(({ id }) => id)
  const { events } = await run(network, 'find')
  const hops = events.flatMap((event) => (event.name === 'ask' ? [event.hop] : []))
  expect(hops[0]).toBe(1)
  expect(Math.max(...hops)).toBe(2)
})
