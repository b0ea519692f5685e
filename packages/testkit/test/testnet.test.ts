import { ping } from '@libp2p/ping'
import { describe, expect, test } from 'vitest'
import { createTestnet, MAX_NODES } from '../src/testnet.ts'
import type { Testnet } from '../src/testnet.ts'
import { linksOf } from '../src/topology.ts'
import type { Topology } from '../src/topology.ts'

const ids = ({ nodes }: Pick<Testnet, 'nodes'>) => nodes.map(({ peerId }) => peerId.toString())

describe('createTestnet', () => {
  test('the same seed gives the same peer ids, also side by side, and another seed gives others', async () => {
    await using first = await createTestnet({ nodes: 3, seed: 'a' })
    await using again = await createTestnet({ nodes: 3, seed: 'a' })
    await using other = await createTestnet({ nodes: 3, seed: 'b' })
    expect(ids(again)).toEqual(ids(first))
    expect(new Set([...ids(first), ...ids(other)]).size).toBe(6)
    // a change here breaks the fixtures of everyone who wrote down an id
    expect(ids(first)[0]).toMatchInlineSnapshot(`"12D3KooWQ4V1Y7FH6bsahNs2QAYHW8Tx1b8m3cYCzSEW3JSw462U"`)
  })

  test('testnets of one seed do not meet', async () => {
    await using first = await createTestnet({ nodes: 2, seed: 'a', topology: 'full' })
    await using again = await createTestnet({ nodes: 2, seed: 'a' })
    expect(first.node(0).getConnections()).toHaveLength(1)
    expect(again.node(0).getConnections()).toHaveLength(0)
  })

  test('without a seed it says which one it made up', async () => {
    await using net = await createTestnet({ nodes: 1 })
    await using again = await createTestnet({ nodes: 1, seed: net.seed })
    expect(ids(again)).toEqual(ids(net))
  })

  test('services are there, typed, and know each other when connect resolves', async () => {
    await using net = await createTestnet({ nodes: 2, seed: 1, services: { ping: ping() } })
    await net.connect(0, 1)
    for (const [from, to] of [
      [0, 1],
      [1, 0]
    ] as const) {
      const { protocols } = await net.node(from).peerStore.get(net.node(to).peerId)
      expect(protocols).toContain('/ipfs/ping/1.0.0')
      expect(await net.node(from).services.ping.ping(net.node(to).peerId)).toBeTypeOf('number')
    }
    expect(net.node(0).services.identify).toBeDefined()
  })

  test('services can differ from node to node', async () => {
    await using net = await createTestnet({
      nodes: 2,
      seed: 1,
      topology: 'full',
      services: ({ index, random }) => ({
        name: () => `${index}-${random.seed}`
      })
    })
    expect(net.nodes.map(({ services }) => services.name)).toEqual(['0-1/node-0', '1-1/node-1'])
  })

  test.each<[Topology, number[]]>([
    ['none', [0, 0, 0, 0]],
    ['full', [3, 3, 3, 3]],
    ['star', [3, 1, 1, 1]],
    ['ring', [2, 2, 2, 2]]
  ])('topology %s', async (topology, peers) => {
    await using net = await createTestnet({ nodes: 4, seed: 1, topology })
    expect(net.nodes.map((node) => node.getPeers().length)).toEqual(peers)
  })

  test('connects and disconnects nodes by index or as themselves, as often as asked', async () => {
    await using net = await createTestnet({ nodes: 2, seed: 1 })
    const [a, b] = [net.node(0), net.node(1)]
    for (let round = 0; round < 2; round++) {
      const connection = await net.connect(a, b)
      expect(connection.remotePeer.equals(b.peerId)).toBe(true)
      expect(await net.connect(0, 1)).toBe(connection)
      await net.disconnect(round === 0 ? a : b, round === 0 ? b : a)
      expect([a.getConnections(), b.getConnections()]).toEqual([[], []])
    }
    await net.disconnect(0, 1)
  })

  test('grows by a node that is reached as the others are', async () => {
    await using net = await createTestnet({ nodes: 1, seed: 1 })
    const added = await net.add()
    expect(net.nodes).toHaveLength(2)
    await net.connect(added, 0)
    await using larger = await createTestnet({ nodes: 2, seed: 1 })
    expect(ids(larger)).toEqual(ids(net))
  })

  test('stops all nodes, more than once, and connecting fails then', async () => {
    const net = await createTestnet({ nodes: 3, seed: 1, topology: 'full' })
    await net.stop()
    await net.stop()
    expect(net.nodes.map(({ status }) => status)).toEqual(['stopped', 'stopped', 'stopped'])
    await expect(net.connect(0, 1)).rejects.toThrow()
  })

  test('an aborted signal stops it before, during creation and while connecting, with its reason', async () => {
    const reason = new RangeError('enough')
    const before = createTestnet({ nodes: 1, signal: AbortSignal.abort(reason) })
    await expect(before).rejects.toBe(reason)

    const controller = new AbortController()
    const during = createTestnet({
      nodes: 3,
      signal: controller.signal,
      services: ({ index }) => {
        if (index === 1) {
          controller.abort(reason)
        }
        return {}
      }
    })
    await expect(during).rejects.toBe(reason)

    await using net = await createTestnet({ nodes: 2, seed: 1 })
    await expect(net.connect(0, 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const connecting = new AbortController()
    const connect = net.connect(0, 1, { signal: connecting.signal })
    connecting.abort(reason)
    await expect(connect).rejects.toBe(reason)
  })

  test('the nodes of a creation that fails are stopped', async () => {
    const stopped: number[] = []
    const creation = createTestnet({
      nodes: 3,
      services: ({ index }) => {
        if (index === 2) {
          throw new RangeError('planted')
        }
        return { witness: () => ({ start: () => undefined, stop: () => stopped.push(index) }) }
      }
    })
    await expect(creation).rejects.toThrow('planted')
    expect(stopped).toEqual([0, 1])
  })

  test.each([0, -1, 1.5, NaN, MAX_NODES + 1])('refuses %s nodes', async (nodes) => {
    await expect(createTestnet({ nodes })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION', option: 'nodes' })
  })

  test('has no node outside its own', async () => {
    await using net = await createTestnet({ nodes: 1, seed: 1 })
    expect(() => net.node(1)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }))
  })
})

describe('linksOf', () => {
  test.each<[Topology, number, number]>([
    ['none', MAX_NODES, 0],
    ['full', 1, 0],
    ['full', 5, 10],
    ['star', 1, 0],
    ['star', 5, 4],
    ['ring', 1, 0],
    ['ring', 2, 1],
    ['ring', 5, 5]
  ])('%s of %i has %i links', (topology, nodes, links) => {
    const pairs = linksOf(topology, nodes)
    expect(pairs).toHaveLength(links)
    expect(new Set(pairs.map((pair) => pair.toSorted((a, b) => a - b).join())).size).toBe(links)
    expect(pairs.every(([a, b]) => a !== b)).toBe(true)
  })
})
