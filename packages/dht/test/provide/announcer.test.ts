import { defaultLogger } from '@libp2p/logger'
import type { MembershipView } from '@p2pshare/interface'
import { MemoryDatastore } from 'datastore-core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HOLDERS, JOIN_WAIT_MS, MAX_WANTED_ROOTS, REPAIR_INTERVAL_MS, RETRY_MAX_MS } from '../../src/constants.ts'
import { search } from '../../src/find/search.ts'
import type { Network } from '../../src/network.ts'
import { Announcer } from '../../src/provide/announcer.ts'
import type { AnnouncerInit } from '../../src/provide/announcer.ts'
import { WRITE_INTERVAL_MS } from '../../src/store/write-behind.ts'
import { collect } from '../support/network.ts'
import { rootOf } from '../support/roots.ts'
import { VirtualWorld } from '../support/virtual-world.ts'
import type { VirtualNode } from '../support/virtual-world.ts'

const minute = 60_000
const hour = 60 * minute
const root = rootOf(1)
const key = root.multihash.bytes

let datastore: MemoryDatastore
let running: Announcer[]

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 })
  datastore = new MemoryDatastore()
  running = []
})

afterEach(async () => {
  const stopping = Promise.all(running.map(async (each) => each.stop()))
  await vi.advanceTimersByTimeAsync(10_000)
  await stopping
  vi.useRealTimers()
})

async function start(network: Network, more: Partial<AnnouncerInit> = {}): Promise<Announcer> {
  const announcer = new Announcer({
    network,
    datastore,
    membership: () => undefined,
    provideTimeoutMs: 30_000,
    resume: true,
    log: defaultLogger().forComponent('test'),
    ...more
  })
  running.push(announcer)
  await announcer.start()
  return announcer
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}

/** Resolves a call in virtual time. */
async function inTime<T>(call: Promise<T>): Promise<T> {
  const progress = { isOver: false }
  const ended = call.finally(() => {
    progress.isOver = true
  })
  ended.catch(() => undefined)
  while (!progress.isOver) {
    await pass(10)
  }
  return ended
}

async function stopAndWrite(announcer: Announcer): Promise<void> {
  await inTime(announcer.stop())
  running.splice(running.indexOf(announcer), 1)
}

async function found(world: VirtualWorld, finder: VirtualNode): Promise<string[]> {
  const peerStore = {
    get: async () => {
      throw new RangeError('unknown')
    }
  }
  const init = { network: world.networkOf(finder), peerStore, membership: undefined, tableWaitMs: 0 }
  const providers = await inTime(collect(search(init, key, new AbortController().signal)))
  return providers.map(({ id }) => id.toString())
}

test('provide resolves when others find it, and the announcement goes on to twenty', async () => {
  const world = new VirtualWorld('twenty', 60)
  const [self, finder] = world.nodes as [VirtualNode, VirtualNode]
  const announcer = await start(world.networkOf(self))
  await inTime(announcer.provide(root, {}))
  expect(announcer.list()).toMatchObject([{ root, network: 'own', state: 'announced' }])
  expect(announcer.counts()).toMatchObject({ announced: 1, due: 0, failed: 0 })
  await pass(2_000)
  const [announcement] = announcer.list()
  expect(announcement).toMatchObject({ holders: 20, complete: true, crowded: false, failures: 0 })
  expect(announcement?.until).toBe((announcement?.announcedAt ?? 0) + 48 * hour)
  expect(await found(world, finder)).toEqual([self.contact.key])
})

test('a record stays findable for 48 hours without any contact of its provider, and not longer', async () => {
  const world = new VirtualWorld('48 h', 60)
  const [self, finder] = world.nodes as [VirtualNode, VirtualNode]
  const announcer = await start(world.networkOf(self))
  await inTime(announcer.provide(root, {}))
  await pass(2_000)
  await stopAndWrite(announcer)
  self.fate = 'gone'
  for (let at = 0; at < 8; at++) {
    await pass(6 * hour - minute)
    expect(await found(world, finder)).toEqual([self.contact.key])
  }
  await pass(10 * minute)
  expect(await found(world, finder)).toEqual([])
})

test('while half of the nodes go every two hours, it is found all day', async () => {
  const world = new VirtualWorld('churn', 150)
  const [self, finder] = world.nodes as [VirtualNode, VirtualNode]
  const announcer = await start(world.networkOf(self))
  await inTime(announcer.provide(root, {}))
  let misses = 0
  for (let at = 0; at < 48; at++) {
    // of 150, one in 6.3 goes in half an hour: half of them in two
    for (const node of world.nodes) {
      if (node.fate === 'answers' && node !== self && node !== finder && world.random.float() < 1 - 2 ** -0.25) {
        node.fate = 'gone'
        world.add()
      }
    }
    await pass(hour / 2)
    misses += Number((await found(world, finder)).length === 0)
  }
  expect(misses).toBeLessThanOrEqual(1)
  // it has learnt how fast they go
  expect((announcer.halfLifeMs() ?? 0) / hour).toBeGreaterThan(0.7)
  expect((announcer.halfLifeMs() ?? 0) / hour).toBeLessThan(5)
}, 60_000)

describe('with nobody in the table yet', () => {
  /** A network whose table is filled by `join`. */
  function empty(isConnected: boolean): { network: Network; join: () => void } {
    const world = new VirtualWorld('joining', 30)
    const listeners = new Set<() => void>()
    let isThere = false
    const network = world.networkOf(world.node(0), { isConnected: () => isConnected })
    const tableSize = network.kad.tableSize.bind(network.kad)
    network.kad.tableSize = () => (isThere ? tableSize() : 0)
    network.kad.onPeer = (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
    const join = (): void => {
      isThere = true
      listeners.forEach((listener) => {
        listener()
      })
    }
    return { network, join }
  }

  test('a peer that was just dialled is waited for', async () => {
    const { network, join } = empty(true)
    const announcer = await start(network)
    const providing = announcer.provide(root, {})
    await pass(100)
    expect(announcer.list()).toMatchObject([{ state: 'due' }])
    join()
    await inTime(providing)
    expect(announcer.list()).toMatchObject([{ state: 'announced' }])
  })

  test('but not for ever, and not at all when nobody is connected', async () => {
    const startedAt = Date.now()
    const connected = await start(empty(true).network)
    await inTime(connected.provide(root, {}))
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(JOIN_WAIT_MS)
    expect(connected.list()).toMatchObject([{ state: 'due' }])
    const alone = await start(empty(false).network)
    const before = Date.now()
    await inTime(alone.provide(root, {}))
    expect(Date.now() - before).toBeLessThan(100)
  })
})

describe('restart', () => {
  async function before(world: VirtualWorld): Promise<{ network: Network; provided: number }> {
    const network = world.networkOf(world.node(0))
    const announcer = await start(network)
    await inTime(announcer.provide(root, {}))
    await pass(3_000)
    await stopAndWrite(announcer)
    return { network, provided: network.meter.provides }
  }

  test('what was announced is still announced, and not told again before its time', async () => {
    const { network, provided } = await before(new VirtualWorld('restart', 60))
    const announcer = await start(network)
    expect(announcer.list()).toMatchObject([{ state: 'announced', holders: 20, complete: true }])
    await inTime(announcer.provide(root, {}))
    await pass(minute)
    expect(network.meter.provides).toBe(provided)
  })

  test('after a long sleep what is overdue is caught up at once', async () => {
    const { network, provided } = await before(new VirtualWorld('sleep', 60))
    vi.setSystemTime(Date.now() + 30 * hour)
    const announcer = await start(network)
    await pass(5_000)
    expect(network.meter.provides).toBe(provided + 1)
    expect(announcer.list()[0]?.announcedAt).toBeGreaterThan(Date.now() - minute)
  })

  test('in a small network it is told again at once: those who were there may be gone', async () => {
    const { network, provided } = await before(new VirtualWorld('small restart', 5))
    await start(network)
    await pass(5_000)
    expect(network.meter.provides).toBe(provided + 1)
  })

  test('without resume it waits until somebody wants it again', async () => {
    const { network } = await before(new VirtualWorld('no resume', 60))
    const announcer = await start(network, { resume: false })
    expect(announcer.list()).toEqual([])
    await inTime(announcer.provide(root, {}))
    expect(announcer.list()).toMatchObject([{ state: 'announced', holders: 20 }])
  })

  test('what was cancelled is not there any more', async () => {
    const world = new VirtualWorld('cancelled', 30)
    const { network } = await before(world)
    const second = await start(network)
    second.cancel(root)
    await pass(2 * WRITE_INTERVAL_MS)
    await stopAndWrite(second)
    const third = await start(network)
    expect(third.list()).toEqual([])
  })
})

test('holders that membership holds dead are replaced before their time', async () => {
  const world = new VirtualWorld('repair', 80)
  const [self] = world.nodes as [VirtualNode]
  const dead = new Set<string>()
  const membership: Pick<MembershipView, 'member'> = {
    member: (id) => ({ id, state: dead.has(id.toString()) ? 'dead' : 'alive', since: 0 })
  }
  const network = world.networkOf(self)
  const announcer = await start(network, { membership: () => membership })
  await inTime(announcer.provide(root, {}))
  await pass(15 * minute)
  expect(network.meter.provides).toBe(1)
  const holders = world.holdersOf(key)
  holders.slice(0, HOLDERS - 7).forEach((node) => {
    node.fate = 'gone'
    dead.add(node.contact.key)
  })
  await pass(REPAIR_INTERVAL_MS + 5_000)
  expect(network.meter.provides).toBe(2)
  expect(world.holdersOf(key).length).toBeGreaterThanOrEqual(HOLDERS)
})

test('with new addresses holders are told again', async () => {
  const world = new VirtualWorld('moved', 60)
  const network = world.networkOf(world.node(0))
  const announcer = await start(network)
  await inTime(announcer.provide(root, {}))
  await pass(minute)
  announcer.changed()
  await pass(minute)
  expect(network.meter.provides).toBe(1)
  network.addresses = () => ['/ip4/192.0.2.1/tcp/1']
  announcer.changed()
  await pass(minute)
  expect(network.meter.provides).toBe(2)
})

test('with nobody to tell it waits without a timer, and rejects nobody', async () => {
  const world = new VirtualWorld('alone', 1)
  const announcer = await start(world.networkOf(world.node(0)))
  await inTime(announcer.provide(root, {}))
  expect(announcer.list()).toMatchObject([{ state: 'due', holders: 0 }])
  expect(announcer.list()[0]).not.toHaveProperty('nextAt')
})

test('when nobody takes it, provide gives up in time, and the root is tried again for ever, ever more seldom', async () => {
  const world = new VirtualWorld('refused', 30)
  const [self, ...others] = world.nodes as [VirtualNode, ...VirtualNode[]]
  others.forEach((node) => (node.fate = 'gone'))
  const network = world.networkOf(self)
  const announcer = await start(network, { provideTimeoutMs: 5_000 })
  await expect(inTime(announcer.provide(root, {}))).rejects.toMatchObject({ name: 'DeadlineError' })
  expect(announcer.list()).toMatchObject([{ state: 'failed' }])
  await pass(2 * hour)
  const tries = network.meter.provides
  await pass(hour)
  expect(network.meter.provides - tries).toBeLessThanOrEqual(hour / RETRY_MAX_MS)
  others.forEach((node) => (node.fate = 'answers'))
  await pass(RETRY_MAX_MS + 5_000)
  expect(announcer.list()).toMatchObject([{ state: 'announced', complete: true }])
})

test('many roots are told by regions: few lookups, one stream a holder', async () => {
  const world = new VirtualWorld('sweep', 60)
  const [self, finder] = world.nodes as [VirtualNode, VirtualNode]
  const network = world.networkOf(self)
  const put = vi.spyOn(network.rpc, 'put')
  const announcer = await start(network)
  const count = 200
  const roots = Array.from({ length: count }, (_, at) => rootOf(at))
  await inTime(Promise.all(roots.map(async (each) => announcer.provide(each, {}))))
  expect(announcer.counts()).toMatchObject({ announced: count })
  const { finds, provides } = network.meter
  expect(finds + provides).toBeLessThan(count / 4)
  expect(put.mock.calls.length).toBeLessThan(count * 5)
  for (const each of roots.slice(0, 20)) {
    expect(world.holdersOf(each.multihash.bytes).length).toBeGreaterThanOrEqual(18)
  }
  expect(await found(world, finder)).toEqual([self.contact.key])
})

test('a node announces as many roots as its limit and not one more', async () => {
  const world = new VirtualWorld('limit', 1)
  const announcer = await start(world.networkOf(world.node(0)), { maxRoots: 3 })
  for (let at = 0; at < 3; at++) {
    await inTime(announcer.provide(rootOf(at), {}))
  }
  await expect(inTime(announcer.provide(rootOf(3), {}))).rejects.toMatchObject({ name: 'TooManyRootsError', max: 3 })
  await inTime(announcer.provide(rootOf(2), {}))
  announcer.cancel(rootOf(0))
  await inTime(announcer.provide(rootOf(3), {}))
  expect(announcer.list()).toHaveLength(3)
  expect(MAX_WANTED_ROOTS).toBe(100_000)
})
