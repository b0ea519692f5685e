import { ping } from '@libp2p/ping'
import { describe, expect, test } from 'vitest'
import { createTestnet } from '../src/testnet.ts'
import { linksOf } from '../src/topology.ts'

describe('createTestnet', () => {
  test('the same seed gives the same peer ids, another seed others', async () => {
    await using first = await createTestnet({ nodes: 3, seed: 'a' })
    await using again = await createTestnet({ nodes: 3, seed: 'a' })
    await using other = await createTestnet({ nodes: 3, seed: 'b' })
    const ids = (net: typeof first) => net.nodes.map(({ peerId }) => peerId.toString())
    expect(ids(again)).toEqual(ids(first))
    expect(new Set([...ids(first), ...ids(other)]).size).toBe(6)
    expect(ids(first)[0]).toMatchInlineSnapshot(`"12D3KooWQ4V1Y7FH6bsahNs2QAYHW8Tx1b8m3cYCzSEW3JSw462U"`)
  })
  test('full', async () => {
    const t = performance.now()
    await using net = await createTestnet({ nodes: 12, seed: 1, topology: 'full', services: { ping: ping() } })
    console.log(performance.now() - t)
    for (const node of net.nodes) {
      expect(node.getPeers()).toHaveLength(11)
    }
    await net.node(0).services.ping.ping(net.node(1).peerId)
    await net.disconnect(0, 1)
    expect(net.node(1).getConnections(net.node(0).peerId)).toHaveLength(0)
    const n = await net.add()
    await net.connect(n, 3)
    expect((await n.peerStore.get(net.node(3).peerId)).protocols).toContain('/ipfs/ping/1.0.0')
  })
})
