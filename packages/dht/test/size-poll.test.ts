import { expect, test, vi } from 'vitest'
import { SELF_QUERY_INTERVAL_MS } from '../src/constants.ts'
import type { DhtContact } from '../src/rpc/contacts.ts'
import { REPLICATION, SAMPLE_AGE_MS } from '../src/rules/network-size.ts'
import { SizePoll } from '../src/size-poll.ts'
import { VirtualWorld } from './support/virtual-world.ts'
import type { VirtualNode } from './support/virtual-world.ts'

const never = new AbortController().signal

/** A poll of a node that knows `known` of the world's, and how often somebody was asked. */
function pollOf(
  world: VirtualWorld,
  known: number,
  guess?: number
): { poll: SizePoll; asked: () => number; clock: { now: number; known: number } } {
  const [self, ...others] = world.nodes as [VirtualNode, ...VirtualNode[]]
  world.rttMs = 0
  const rpc = world.rpcOf(self)
  const clock = { now: 0, known }
  let asked = 0
  const byPosition = others.map(({ contact }) => contact).sort((a, b) => a.position.high - b.position.high)
  const poll = new SizePoll({
    rpc: {
      isConnected: () => false,
      ask: async (...words) => {
        asked++
        return rpc.ask(...words)
      }
    },
    tableSize: () => clock.known,
    contacts: () => byPosition.slice(0, clock.known),
    guess: () => (guess === undefined ? undefined : { nodes: guess }),
    now: () => clock.now
  })
  return { poll, clock, asked: () => asked }
}

test('five contacts that say who is near them tell the size to within a third', async () => {
  for (const count of [100, 400]) {
    const { poll, asked } = pollOf(new VirtualWorld(`size ${count}`, count), 60)
    await poll.refresh(never)
    expect(asked()).toBe(5)
    expect((poll.size()?.nodes ?? 0) / count).toBeGreaterThan(0.67)
    expect((poll.size()?.nodes ?? 0) / count).toBeLessThan(1.5)
    expect(poll.size()?.ranks).toBe(REPLICATION)
  }
})

/** Those that are asked first say that the neighbours of theirs are so near, or as far as can be. */
function letLie(world: VirtualWorld, liars: number, where: 'near' | 'far'): void {
  const honest = world.answer
  const lying = new Set<VirtualNode>()
  world.answer = (node, target) => {
    if (lying.size < liars) {
      lying.add(node)
    }
    const names = world.nearest(target, REPLICATION + 1, (each) => each !== node).map(({ contact }) => contact)
    const { high, low } = node.contact.position
    const moved = (contact: DhtContact): DhtContact => ({
      ...contact,
      position: where === 'far' ? { high: ~high >>> 0, low } : { high, low: (low ^ 1) >>> 0 }
    })
    return lying.has(node) ? names.map(moved) : (honest?.(node, target) ?? names)
  }
}

test.each(['near', 'far'] as const)(
  'two of five that lie about their neighbourhoods, all %s, change little',
  async (where) => {
    for (const liars of [1, 2]) {
      const world = new VirtualWorld('lie', 300)
      letLie(world, liars, where)
      const { poll } = pollOf(world, 60)
      await poll.refresh(never)
      expect((poll.size()?.nodes ?? 0) / 300).toBeGreaterThan(0.6)
      expect((poll.size()?.nodes ?? 0) / 300).toBeLessThan(1.7)
    }
  }
)

test('more liars than honest come no further than four times what the own neighbourhood says, once that is known', async () => {
  for (const [where, nodes] of [
    ['near', 4 * 200],
    ['far', 200 / 4]
  ] as const) {
    const world = new VirtualWorld('lie', 300)
    letLie(world, 3, where)
    const { poll, clock } = pollOf(world, 60, 200)
    await poll.refresh(never)
    // it has been looked for twice by then; until it has, it may be much too thin
    clock.now = 2 * SELF_QUERY_INTERVAL_MS - 1
    expect(poll.size()?.nodes).toBeCloseTo(where === 'near' ? 19 * 2 ** 64 : nodes, -1)
    clock.now = 2 * SELF_QUERY_INTERVAL_MS
    expect(poll.size()?.nodes).toBe(nodes)
  }
})

test('who is named twice counts once, and of many the nearest 20', async () => {
  const sizeWith = async (of: (names: DhtContact[]) => DhtContact[]): Promise<number | undefined> => {
    const world = new VirtualWorld('named', 300)
    world.answer = (node, target) =>
      of(world.nearest(target, 64, (each) => each !== node).map(({ contact }) => contact))
    const { poll } = pollOf(world, 60)
    await poll.refresh(never)
    return poll.size()?.nodes
  }
  const plain = await sizeWith((names) => names.slice(0, REPLICATION))
  expect(plain).toBeGreaterThan(200)
  expect(await sizeWith((names) => names.toReversed())).toBe(plain)
  expect(await sizeWith((names) => names.slice(0, REPLICATION).flatMap((name) => [name, name, name]))).toBe(plain)
})

test('it asks again when the table has doubled, or after an hour, and forgets after two', async () => {
  const { poll, asked, clock } = pollOf(new VirtualWorld('again', 100), REPLICATION - 1)
  await poll.refresh(never)
  expect(asked()).toBe(0)
  clock.known = REPLICATION
  await poll.refresh(never)
  expect(asked()).toBe(5)
  clock.known = 2 * REPLICATION - 1
  await poll.refresh(never)
  expect(asked()).toBe(5)
  clock.known = 2 * REPLICATION
  await poll.refresh(never)
  expect(asked()).toBe(10)
  clock.now = SAMPLE_AGE_MS
  expect(poll.size()).toBeDefined()
  clock.now = SAMPLE_AGE_MS + 1
  expect(poll.size()).toBeUndefined()
  await poll.refresh(never)
  expect(asked()).toBe(15)
  expect(poll.size()).toBeDefined()
})

test('it does not wait for one that never answers', async () => {
  vi.useFakeTimers()
  const world = new VirtualWorld('one silent', 100)
  world.nodes.slice(0, 10).forEach((node) => (node.fate = 'silent'))
  const { poll } = pollOf(world, 60)
  let isOver = false
  void poll.ask(never).then(() => (isOver = true))
  await vi.advanceTimersByTimeAsync(1_500)
  vi.useRealTimers()
  expect(isOver).toBe(true)
  expect(poll.size()).toBeDefined()
})

test('when hardly anybody answers nothing is said', async () => {
  const world = new VirtualWorld('silent', 100)
  world.nodes.forEach((node, at) => {
    node.fate = at % 20 === 0 ? 'answers' : 'gone'
  })
  const { poll, asked, clock } = pollOf(world, 60)
  await poll.refresh(never)
  expect(poll.size()).toBeUndefined()
  // not with each lookup, and without waiting for the table to double
  clock.now = 59_999
  await poll.refresh(never)
  expect(asked()).toBe(5)
  world.nodes.forEach((node) => (node.fate = 'answers'))
  clock.now = 60_000
  await poll.refresh(never)
  expect(asked()).toBe(10)
  expect(poll.size()).toBeDefined()
})

test('asking that was broken off has not happened', async () => {
  const { poll, asked } = pollOf(new VirtualWorld('aborted', 100), 60)
  await poll.refresh(AbortSignal.abort())
  expect(poll.size()).toBeUndefined()
  await poll.refresh(never)
  expect(asked()).toBe(10)
  expect(poll.size()).toBeDefined()
})
