import type { Member, Provider } from '@p2pshare/interface'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { search } from '../../src/find/search.ts'
import type { Network } from '../../src/network.ts'
import { announce } from '../../src/provide/announce.ts'
import type { AnnounceResult } from '../../src/provide/announce.ts'
import { positionOfKey } from '../../src/rpc/contacts.ts'
import { distanceOf } from '../../src/rules/position.ts'
import { keyOf } from '../../src/server/provider-server.ts'
import type { DhtCollaborators } from '../../src/types.ts'
import { collect } from '../support/network.ts'
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

async function inTime<T>(call: Promise<T>): Promise<T> {
  const progress = { isOver: false }
  const ended = call.finally(() => {
    progress.isOver = true
  })
  while (!progress.isOver) {
    await vi.advanceTimersByTimeAsync(10)
  }
  return ended
}

async function put(network: Network): Promise<AnnounceResult> {
  return inTime(announce(network, { key, signal: never, shutdown: never }))
}

function searching(
  network: Network,
  membership?: DhtCollaborators['membership']
): AsyncGenerator<Provider, void, undefined> {
  const peerStore = {
    get: async () => {
      throw new RangeError('unknown')
    }
  }
  return search({ network, peerStore, membership, tableWaitMs: 0 }, key, never)
}

/** Everybody of the world, seen by membership. */
function everybody(world: VirtualWorld): NonNullable<DhtCollaborators['membership']> {
  const members = world.nodes.map((node): Member => ({ id: node.id, state: 'alive', since: 0 }))
  return {
    members: () => members,
    member: (id) => members.find((member) => member.id.equals(id))
  }
}

test('with membership a small network is told as a whole, and one of three answers', async () => {
  const world = new VirtualWorld('small view', 12)
  const [provider, finder] = world.nodes as [VirtualNode, VirtualNode]
  const membership = everybody(world)
  const announcing = world.networkOf(provider, { membership: () => membership })
  const { holders, state } = await put(announcing)
  expect(state).toBe('complete')
  expect(holders).toHaveLength(11)
  expect(announcing.meter.messages).toBe(11)

  const finding = world.networkOf(finder, { membership: () => membership })
  const results = searching(finding, membership)
  const { value } = await inTime(results.next())
  expect(value?.id.equals(provider.id)).toBe(true)
  expect(finding.meter.messages).toBe(3)
  await results.return()
})

test('in a larger network membership names the twenty holders, and announcing takes few questions', async () => {
  const world = new VirtualWorld('large view', 100)
  const [provider, finder] = world.nodes as [VirtualNode, VirtualNode]
  const membership = everybody(world)
  const announcing = world.networkOf(provider, { membership: () => membership })
  expect((await put(announcing)).holders).toHaveLength(20)
  expect(announcing.meter.messages).toBeLessThanOrEqual(30)
  const finding = world.networkOf(finder, { membership: () => membership })
  const results = searching(finding, membership)
  await inTime(results.next())
  expect(finding.meter.messages).toBe(3)
  await results.return()
})

test('membership that does not know the peers of the table is no view of the network', () => {
  const world = new VirtualWorld('half view', 40)
  const [self] = world.nodes as [VirtualNode]
  const membership = everybody(world)
  const half = membership.members?.().slice(0, 20) ?? []
  const partial = { members: () => half, member: (id: Member['id']) => half.find((each) => each.id.equals(id)) }
  expect(world.networkOf(self, { membership: () => partial }).view(positionOfKey(key))).toBeUndefined()
  expect(world.networkOf(self, { membership: () => membership }).view(positionOfKey(key))?.members).toBe(39)
})

test('when the members asked know nobody, a walk does', async () => {
  const world = new VirtualWorld('miss', 60)
  const [provider, finder] = world.nodes as [VirtualNode, VirtualNode]
  const membership = everybody(world)
  await put(world.networkOf(provider))
  const finding = world.networkOf(finder, { membership: () => membership })
  // the three that are asked first have lost their records
  world
    .nearest(positionOfKey(key), 3, (node) => node !== finder)
    .forEach((node) => {
      node.records.expire(Infinity)
    })
  expect(await inTime(collect(searching(finding, membership)))).toHaveLength(1)
})

test.each([20, 45])('%i placed Sybils with false records hide nothing', async (count) => {
  const world = new VirtualWorld(`sybils ${count}`, 400)
  const [provider, finder] = world.nodes as [VirtualNode, VirtualNode]
  const target = positionOfKey(key)
  const [nearest] = world.nearest(target, 1) as [VirtualNode]
  const honest = distanceOf(nearest.contact.position, target)
  const sybils: VirtualNode[] = []
  for (let at = 0; at < count; at++) {
    const sybil = world.add((position) => distanceOf(position, target) < honest)
    sybils.push(sybil)
    sybil.records.put({ key: keyOf(key), provider: sybil.contact.key, addresses: [], receivedAt: Date.now() })
  }
  world.answer = (node, wanted) =>
    world
      .nearest(wanted, 20, (each) => each !== node && (!sybils.includes(node) || sybils.includes(each)))
      .map(({ contact }) => contact)
  const announcing = world.networkOf(provider)
  const { state, alarm } = await put(announcing)
  expect(alarm).toBe(true)
  expect(state).toBe('complete')
  expect(announcing.meter).toMatchObject({ alarms: 1 })
  const found = await inTime(collect(searching(world.networkOf(finder))))
  expect(found.some(({ id }) => id.equals(provider.id))).toBe(true)
})

test.each(['a', 'b', 'c'])(
  'in world %s of 100 with ten black holes the first record takes ten questions',
  async (seed) => {
    const world = new VirtualWorld(`first ${seed}`, 100)
    const [provider, finder] = world.nodes as [VirtualNode, VirtualNode]
    world.nodes.slice(2, 12).forEach((node) => (node.fate = 'silent'))
    await put(world.networkOf(provider))
    const finding = world.networkOf(finder)
    const first = async (): Promise<Provider | undefined> => {
      for await (const found of searching(finding)) {
        return found
      }
      return undefined
    }
    expect((await inTime(first()))?.id.equals(provider.id)).toBe(true)
    expect(finding.meter.messages).toBeLessThanOrEqual(10)
  }
)
