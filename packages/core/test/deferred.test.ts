import { defaultLogger } from '@libp2p/logger'
import type { ConnectionEncrypter, PeerDiscovery, PeerDiscoveryEvents, PeerInfo, Startable } from '@libp2p/interface'
import { TypedEventEmitter } from 'main-event'
import { expect, test, vi } from 'vitest'
import { deferredDiscovery } from '../src/deferred-discovery.ts'
import type { StartableDiscovery } from '../src/deferred-discovery.ts'
import { deferredEncrypter } from '../src/deferred-encrypter.ts'

const components = { logger: defaultLogger() }
const info = { multiaddrs: [] } as unknown as PeerInfo

class Discovery extends TypedEventEmitter<PeerDiscoveryEvents> implements PeerDiscovery, Startable {
  running = 0
  start(): void {
    this.running++
  }
  stop(): void {
    this.running--
  }
  find(): void {
    this.safeDispatchEvent('peer', { detail: info })
  }
}

function deferred(discovery: Discovery): { outer: StartableDiscovery; found: PeerInfo[]; load: () => Promise<void> } {
  const loaded = Promise.withResolvers<undefined>()
  const outer = deferredDiscovery(async () => {
    await loaded.promise
    return () => discovery
  })(components) as StartableDiscovery
  const found: PeerInfo[] = []
  outer.addEventListener('peer', ({ detail }) => void found.push(detail))
  return {
    outer,
    found,
    load: async () => {
      loaded.resolve(undefined)
      await vi.waitFor(() => expect(discovery.running).toBe(1), 20_000)
    }
  }
}

test('discovery is loaded after the start and passes on what it finds', async () => {
  const inner = new Discovery()
  const { outer, found, load } = deferred(inner)
  await outer.start()
  expect(inner.running).toBe(0)
  await load()
  inner.find()
  expect(found).toEqual([info])
})

test('discovery that was stopped is stopped, whenever that was', async () => {
  const inner = new Discovery()
  const { outer, found, load } = deferred(inner)
  await outer.start()
  const stopped = outer.stop()
  await load().catch(() => undefined)
  await stopped
  inner.find()
  expect([inner.running, found]).toEqual([0, []])
})

test('discovery that cannot be loaded is left out', async () => {
  const create = deferredDiscovery<typeof components>(async () => Promise.reject(new TypeError('no such module')))
  const discovery = create(components) as StartableDiscovery
  await discovery.start()
  await expect(discovery.stop()).resolves.toBeUndefined()
})

test('an encrypter is loaded once, by the first connection, with the components of its node', async () => {
  const secured: unknown[] = []
  let loads = 0
  const inner = {
    protocol: '/x',
    secureInbound: async (connection: unknown) => void secured.push(connection),
    secureOutbound: async (connection: unknown) => void secured.push(connection)
  } as unknown as ConnectionEncrypter
  const given: unknown[] = []
  const create = deferredEncrypter('/x', async () => {
    loads++
    return (its: unknown) => {
      given.push(its)
      return inner
    }
  })
  const encrypter = create(components)
  expect([encrypter.protocol, loads]).toEqual(['/x', 0])
  await Promise.all([encrypter.secureInbound('in' as never), encrypter.secureOutbound('out' as never)])
  expect([loads, given, secured]).toEqual([1, [components], ['in', 'out']])
})
