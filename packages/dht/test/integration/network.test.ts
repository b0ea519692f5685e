import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { collect, createNet, createStar, stopNet, until } from '../support/network.ts'
import type { Net, Node } from '../support/network.ts'
import { rootOf } from '../support/roots.ts'

const root = rootOf(1)

async function idsOf(node: Node, signal?: AbortSignal): Promise<string[]> {
  const found = await collect(node.services.dht.findProviders(root, signal === undefined ? {} : { signal }))
  return found.map(({ id }) => id.toString())
}

describe('six nodes that know only the first of them', () => {
  let net: Net
  let hub: Node, provider: Node, finder: Node

  beforeEach(async () => {
    net = await createStar(6)
    ;[hub, provider, finder] = [net.node(0), net.node(1), net.node(2)]
  })
  afterEach(async () => stopNet(net))

  test('what one provides, every other one finds at once, with addresses that can be dialled', async () => {
    await provider.services.dht.provide(root)
    for (const node of net.nodes) {
      expect(await idsOf(node)).toEqual(node === provider ? [] : [provider.peerId.toString()])
    }
    const [found] = await collect(finder.services.dht.findProviders(root))
    const connection = await finder.dial([...(found?.multiaddrs ?? [])])
    expect(connection.remotePeer.equals(provider.peerId)).toBe(true)
    expect(provider.services.dht.announcements()).toMatchObject([
      { root, network: 'own', state: 'announced', complete: true, holders: 5 }
    ])
  })

  test('a finder sees every provider once and never itself', async () => {
    await Promise.all(net.nodes.map(async (node) => node.services.dht.provide(root)))
    const expected = net.nodes.filter((node) => node !== finder).map((node) => node.peerId.toString())
    expect((await idsOf(finder)).sort()).toEqual(expected.sort())
  })

  test('a root that nobody provides is an empty iteration', async () => {
    expect(await idsOf(finder)).toEqual([])
  })

  test('a provider that is gone is still found until its record expires, and the search does not wait for it', async () => {
    await provider.services.dht.provide(root)
    await provider.stop()
    expect(await idsOf(finder)).toEqual([provider.peerId.toString()])
  })

  test('the record survives the node that was asked first', async () => {
    await provider.services.dht.provide(root)
    await hub.stop()
    expect(await idsOf(finder)).toEqual([provider.peerId.toString()])
  })

  test('a cancelled root leaves the own store and is not announced again', async () => {
    await provider.services.dht.provide(root)
    await provider.services.dht.cancelProvide(root)
    expect(provider.services.dht.announcements()).toEqual([])
  })

  test('aborted before the call, provide and findProviders throw the reason', async () => {
    const reason = new TypeError('enough')
    const signal = AbortSignal.abort(reason)
    await expect(provider.services.dht.provide(root, { signal })).rejects.toBe(reason)
    await expect(idsOf(finder, signal)).rejects.toBe(reason)
    await expect(provider.services.dht.cancelProvide(root, { signal })).rejects.toBe(reason)
  })

  test('aborted between two providers, findProviders throws the reason', async () => {
    await Promise.all([provider, hub].map(async (node) => node.services.dht.provide(root)))
    const controller = new AbortController()
    const reason = new TypeError('enough')
    const search = async (): Promise<void> => {
      for await (const found of finder.services.dht.findProviders(root, { signal: controller.signal })) {
        expect(found.id).toBeDefined()
        controller.abort(reason)
      }
    }
    await expect(search()).rejects.toBe(reason)
  })

  test('leaving the loop cancels the search', async () => {
    await provider.services.dht.provide(root)
    for await (const found of finder.services.dht.findProviders(root)) {
      expect(found.id.equals(provider.peerId)).toBe(true)
      break
    }
  })

  test('stopping the node ends a search without an error', async () => {
    await provider.services.dht.provide(root)
    for await (const found of finder.services.dht.findProviders(root)) {
      expect(found.id.equals(provider.peerId)).toBe(true)
      await finder.stop()
    }
  })

  test('libp2p finds providers and peers through the same service', async () => {
    await provider.contentRouting.provide(root)
    const [found] = await collect(finder.contentRouting.findProviders(root))
    expect(found?.id.equals(provider.peerId)).toBe(true)
    const info = await finder.peerRouting.findPeer(provider.peerId)
    expect(info.multiaddrs.length).toBeGreaterThan(0)
    await provider.contentRouting.cancelReprovide(root)
    expect(provider.services.dht.announcements()).toEqual([])
  })
})

describe('a node that starts alone', () => {
  let net: Net
  afterEach(async () => stopNet(net))

  test('provides at once, and is found by the first peer that joins', async () => {
    net = await createNet([{}, {}])
    const [provider, finder] = [net.node(0), net.node(1)]
    await provider.services.dht.provide(root)
    expect(provider.services.dht.announcements()).toMatchObject([{ state: 'due' }])

    await net.connect(finder, provider)
    expect(await idsOf(finder)).toEqual([provider.peerId.toString()])
    await until(() => provider.services.dht.announcements()[0]?.state === 'announced')
  })

  test('has not joined until somebody is in its table', async () => {
    net = await createNet([{}, {}])
    const [alone, other] = [net.node(0), net.node(1)]
    const { dht } = alone.services
    expect(await dht.joined(1)).toBe(false)
    await expect(dht.joined(1, { signal: AbortSignal.abort(new TypeError('enough')) })).rejects.toThrow('enough')
    const joining = dht.joined(60_000)
    await net.connect(alone, other)
    expect([await joining, await dht.joined(0)]).toEqual([true, true])
  })

  test('a search that began before the node knew anybody goes on when it does', async () => {
    net = await createNet([{}, {}])
    const [provider, finder] = [net.node(0), net.node(1)]
    await provider.services.dht.provide(root)
    const searching = idsOf(finder)
    await net.connect(finder, provider)
    expect(await searching).toEqual([provider.peerId.toString()])
  })

  test('a search ends after its time, without an error', async () => {
    net = await createNet([{}])
    expect(await collect(net.node(0).services.dht.findProviders(root, { timeoutMs: 20 }))).toEqual([])
  })

  test('aborted while it waits for somebody, a search throws the reason', async () => {
    net = await createNet([{}])
    const controller = new AbortController()
    const rejected = expect(idsOf(net.node(0), controller.signal)).rejects.toThrow('enough')
    setImmediate(() => {
      controller.abort(new TypeError('enough'))
    })
    await rejected
  })

  test('a node without an address waits with its announcement until it has one', async () => {
    net = await createNet([{}, {}], 'none', ({ index }) => (index === 1 ? { addresses: { listen: [] } } : {}))
    const [hub, hidden] = [net.node(0), net.node(1)]
    await net.connect(hidden, hub)
    await until(() => hidden.services.dht.tableSize() > 0)
    await hidden.services.dht.provide(root)
    expect(hidden.services.dht.announcements()).toMatchObject([{ state: 'due' }])
  })

  test('before start and after stop, calls reject with a typed error', async () => {
    net = await createNet([{}])
    const stopped = net.node(0)
    await stopped.stop()
    const expected = { name: 'NotStartedError' }
    await expect(stopped.services.dht.provide(root)).rejects.toMatchObject(expected)
    await expect(idsOf(stopped)).rejects.toMatchObject(expected)
  })

  test('stopped and started again, it announces what is still wanted', async () => {
    net = await createNet([{}, {}])
    const [provider, hub] = [net.node(0), net.node(1)]
    await provider.services.dht.provide(root)
    await provider.stop()
    await provider.start()
    await net.connect(provider, hub)
    await until(() => provider.services.dht.announcements()[0]?.state === 'announced')
  })

  test('networks with different protocol ids do not see each other', async () => {
    net = await createNet([{}, { protocol: '/test/kad/1.0.0' }])
    const [ours, theirs] = [net.node(0), net.node(1)]
    await ours.services.dht.provide(root)
    await net.connect(theirs, ours)
    expect(await collect(theirs.services.dht.findProviders(root, { timeoutMs: 50 }))).toEqual([])
  })

  test('a client asks but is not asked', async () => {
    net = await createNet([{}, { clientMode: true }])
    const [server, client] = [net.node(0), net.node(1)]
    await server.services.dht.provide(root)
    await net.connect(client, server)
    expect(await idsOf(client)).toEqual([server.peerId.toString()])
    expect(server.services.dht.tableSize()).toBe(0)
  })
})
