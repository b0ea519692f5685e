import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { registerMetrics } from '../src/metrics.ts'
import type { MeteredNode } from '../src/metrics.ts'

type Share = ReturnType<MeteredNode['shares']>[number]

function fakeRoot(text: string): Share['root'] {
  const root: unknown = { toString: () => text }
  return root as Share['root']
}

function share(root: string, fields: Partial<Share>): Share {
  return {
    root: fakeRoot(root),
    have: 1,
    leaves: 1,
    bytes: 10,
    bytesSent: 0,
    receivers: [],
    ...fields
  } as Share
}

async function value(registry: Registry, line: string): Promise<number> {
  const text = await registry.metrics()
  const found = text.split('\n').find((each) => each.startsWith(`${line} `))
  return Number(found?.split(' ').at(-1))
}

test('shares and peers are counted when metrics are collected', async () => {
  const registry = new Registry()
  const node = {
    shares: () => [share('a', {}), share('b', { leaves: 2 })],
    peers: () => [{ path: { kind: 'direct' } }, { path: { kind: 'direct' } }, { path: { kind: 'relay' } }]
  } as unknown as MeteredNode
  registerMetrics(registry, '1.2.3', () => node)
  expect(await value(registry, 'p2pshare_info{version="1.2.3"}')).toBe(1)
  expect(await value(registry, 'p2pshare_shares{state="complete"}')).toBe(1)
  expect(await value(registry, 'p2pshare_shares{state="partial"}')).toBe(1)
  expect(await value(registry, 'p2pshare_shared_bytes')).toBe(20)
  expect(await value(registry, 'p2pshare_peers{path="direct"}')).toBe(2)
  expect(await value(registry, 'p2pshare_peers{path="relay"}')).toBe(1)
  expect(await value(registry, 'p2pshare_peers{path="none"}')).toBe(0)
})

test('bytes sent never fall, whatever happens to the shares', async () => {
  const registry = new Registry()
  let shares = [share('a', { bytesSent: 5 }), share('b', { bytesSent: 7 })]
  registerMetrics(registry, '1', () => ({ shares: () => shares, peers: () => [] }))
  const sent = async (): Promise<number> => value(registry, 'p2pshare_transfer_sent_bytes_total')
  expect(await sent()).toBe(12)
  shares = [share('b', { bytesSent: 8 })]
  expect(await sent()).toBe(13)
  shares = [share('a', { bytesSent: 2 }), share('b', { bytesSent: 8 })]
  expect(await sent()).toBe(15)
})

test('without a node everything is zero', async () => {
  const registry = new Registry()
  registerMetrics(registry, '1', () => undefined)
  expect(await value(registry, 'p2pshare_shared_bytes')).toBe(0)
  expect(await value(registry, 'p2pshare_transfer_sent_bytes_total')).toBe(0)
})
