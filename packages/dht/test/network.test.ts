import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Network } from '../src/network.ts'
import type { Outcome, Rpc } from '../src/rpc/client.ts'
import { Contacts } from '../src/rpc/contacts.ts'
import type { DhtContact } from '../src/rpc/contacts.ts'
import { MAX_DEPARTURES } from '../src/rules/departures.ts'
import { MessageType } from '../src/wire/messages.ts'
import { rootOf } from './support/roots.ts'
import { VirtualWorld, peerOf } from './support/virtual-world.ts'
import type { VirtualNode } from './support/virtual-world.ts'

const key = rootOf(1).multihash.bytes
const never = new AbortController().signal

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** A network of thirty in which `fate` says what becomes of requests, at once. */
function networkWith(
  fate: (contact: DhtContact) => 'answers' | 'timeout' | 'unreachable',
  more: Partial<Rpc> = {}
): { world: VirtualWorld; network: Network; others: DhtContact[] } {
  const world = new VirtualWorld('table', 30)
  const [self, ...others] = world.nodes as [VirtualNode, ...VirtualNode[]]
  const rpc: Rpc = {
    ...world.rpcOf(self),
    ask: async (contact) => {
      const why = fate(contact)
      const value = { closer: [], providers: [] }
      return why === 'answers' ? { ok: true, value, tookMs: 0 } : { ok: false, why, tookMs: 0 }
    },
    ...more
  }
  return { world, network: world.networkOf(self, { rpc }), others: others.map(({ contact }) => contact) }
}

/** Ask `whom` twice, half a minute apart, in a network where most others answer. */
async function askTwice(network: Network, whom: readonly DhtContact[], others: readonly DhtContact[]): Promise<void> {
  const ask = async (contact: DhtContact): Promise<Outcome<unknown>> =>
    network.rpc.ask(contact, MessageType.FIND_NODE, key, {})
  for (let round = 0; round < 2; round++) {
    for (const contact of whom) {
      await Promise.all(others.slice(-3).map(ask))
      await ask(contact)
    }
    await vi.advanceTimersByTimeAsync(30_000)
  }
}

test('a contact that was dialled where nobody is keeps its place when it is where it says itself', async () => {
  for (const isThere of [true, false]) {
    const { world, network, others } = networkWith(({ key: name }) => (name === hole.key ? 'timeout' : 'answers'), {
      reaches: async () => Promise.resolve(isThere)
    })
    const [hole] = others as [DhtContact]
    await askTwice(network, [hole], others)
    expect(world.forgotten).toEqual(isThere ? [] : [hole.key])
  }
})

test('so does one that a lookup could not reach', async () => {
  for (const isThere of [true, false]) {
    const { world, network, others } = networkWith(({ key: name }) => (name === hole.key ? 'unreachable' : 'answers'), {
      reaches: async () => Promise.resolve(isThere)
    })
    const [hole] = others as [DhtContact]
    const running = network.lookup({ kind: 'find', type: MessageType.FIND_NODE, key, signal: never, shutdown: never })
    await vi.advanceTimersByTimeAsync(1_000)
    expect((await running).failed.has(hole.key)).toBe(true)
    expect(world.forgotten).toEqual(isThere ? [] : [hole.key])
  }
})

test('one that takes connections and never answers leaves, wherever it is', async () => {
  const { world, network, others } = networkWith(({ key: name }) => (name === hole.key ? 'timeout' : 'answers'), {
    isConnected: () => true,
    reaches: async () => Promise.resolve(true)
  })
  const [hole] = others as [DhtContact]
  await askTwice(network, [hole], others)
  expect(world.forgotten).toEqual([hole.key])
})

test('strangers that are silent leave room for contacts of the table to leave', async () => {
  const { world, network, others } = networkWith(({ key: name }) => (silent.has(name) ? 'timeout' : 'answers'), {
    reaches: async () => Promise.resolve(false)
  })
  const [hole] = others as [DhtContact]
  const contacts = new Contacts(world.node(0).id, () => true)
  const strangers = Array.from({ length: MAX_DEPARTURES }, () => contacts.of(peerOf(world.random)))
  const silent = new Set([hole, ...strangers].map(({ key: name }) => name))
  await askTwice(network, [...strangers, hole], others)
  expect(world.forgotten).toEqual([hole.key])
})

test('a lookup that is left early does not end the asking about the size, which others wait for', async () => {
  const world = new VirtualWorld('resized', 300)
  const [self] = world.nodes as [VirtualNode]
  const network = world.networkOf(self)
  // knows a fifth of its neighbours, so that any key seems crowded
  const { closest } = network.kad
  network.kad.closest = (position, count) =>
    position === network.position ? closest(position, 300).filter((_, at) => at % 5 === 4) : closest(position, count)
  network.kad.tableSize = () => 30
  expect(network.nodes()).toBeLessThan(100)
  const left = new AbortController()
  const running = network.lookup({
    kind: 'find',
    type: MessageType.FIND_NODE,
    key,
    signal: left.signal,
    shutdown: never
  })
  await vi.advanceTimersByTimeAsync(10)
  left.abort()
  await running
  await vi.advanceTimersByTimeAsync(100)
  expect(network.nodes()).toBeGreaterThan(150)
})
