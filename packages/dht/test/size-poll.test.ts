import { expect, test, vi } from 'vitest'
import type { DhtContact } from '../src/rpc/contacts.ts'
import { REPLICATION, SAMPLE_AGE_MS } from '../src/rules/network-size.ts'
import { SizePoll } from '../src/size-poll.ts'
import { VirtualWorld } from './support/virtual-world.ts'
import type { VirtualNode } from './support/virtual-world.ts'

const never = new AbortController().signal

/** A poll of a node that knows `known` of the world's, and how often somebody was asked. */
function pollOf(
  world: VirtualWorld,
  known: number
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
    expect(poll.size()?.ranks).toBe(2 * REPLICATION)
  }
})

test('one that lies about its neighbourhood changes little', async () => {
  for (const distance of [2 ** -40, 1]) {
    const world = new VirtualWorld('lie', 300)
    const honest = world.answer
    let first: VirtualNode | undefined
    world.answer = (node, target) => {
      first ??= node
      const names = world.nearest(target, REPLICATION + 1, (each) => each !== node).map(({ contact }) => contact)
      const { high, low } = node.contact.position
      const moved = (contact: DhtContact): DhtContact => ({
        ...contact,
        position: distance === 1 ? { high: ~high >>> 0, low } : { high, low: (low ^ 1) >>> 0 }
      })
      return node === first ? names.map(moved) : (honest?.(node, target) ?? names)
    }
    const { poll } = pollOf(world, 60)
    await poll.refresh(never)
    expect((poll.size()?.nodes ?? 0) / 300).toBeGreaterThan(0.6)
    expect((poll.size()?.nodes ?? 0) / 300).toBeLessThan(1.7)
  }
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
  const { poll } = pollOf(world, 60)
  await poll.refresh(never)
  expect(poll.size()).toBeUndefined()
})
