import type { Provider } from '@p2pshare/interface'
import { beforeAll, expect, test } from 'vitest'
import { SharePeers } from '../src/share-peers.ts'
import { randomProviders } from './support/peers.ts'

let a: Provider, b: Provider, c: Provider
beforeAll(async () => {
  ;[a, b, c] = (await randomProviders(3)) as [Provider, Provider, Provider]
})

test('a peer is news once', () => {
  const peers = new SharePeers(2, 100)
  expect(peers.here(a, 1n, 0)).toBe(true)
  expect(peers.here(a, 2n, 10)).toBe(false)
  expect(peers.present(10)).toEqual([a])
})

test.each<[string, (peers: SharePeers) => void]>([
  [
    'said goodbye',
    (peers) => {
      peers.leaving(a.id, 2n)
    }
  ],
  [
    'went without a word',
    (peers) => {
      peers.gone(a.id)
    }
  ]
])('a peer that %s is news when it comes back', (_, leave) => {
  const peers = new SharePeers(2, 100)
  peers.here(a, 1n, 0)
  leave(peers)
  expect(peers.present(1)).toEqual([])
  expect(peers.here(a, 3n, 2)).toBe(true)
})

test('a peer that was silent for long is news when it speaks', () => {
  const peers = new SharePeers(2, 100)
  peers.here(a, 1n, 0)
  expect(peers.present(99)).toEqual([a])
  expect(peers.present(100)).toEqual([])
  expect(peers.here(a, 2n, 100)).toBe(true)
})

test('a replayed message neither brings a peer back nor takes it away', () => {
  const peers = new SharePeers(2, 100)
  peers.here(a, 5n, 0)
  peers.leaving(a.id, 5n)
  expect(peers.present(1)).toEqual([a])
  peers.gone(a.id)
  expect(peers.here(a, 5n, 2)).toBe(false)
})

test('the goodbye of an unknown peer is nothing', () => {
  const peers = new SharePeers(2, 100)
  peers.leaving(a.id, 1n)
  peers.gone(a.id)
  expect(peers.present(0)).toEqual([])
})

test('full, it takes a new peer only in the place of one that is gone', () => {
  const peers = new SharePeers(2, 100)
  peers.here(a, 1n, 0)
  peers.here(b, 1n, 50)
  expect(peers.here(c, 1n, 60)).toBe(false)
  expect(peers.here(c, 2n, 100)).toBe(true)
  expect(peers.present(100)).toEqual([b, c])
})
