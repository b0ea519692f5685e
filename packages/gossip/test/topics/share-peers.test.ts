import type { HaveSummary, SharePeer } from '@p2pshare/interface'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { INTERVAL_PER_PEER_MS } from '../../src/topics/constants.ts'
import { SharePeers } from '../../src/topics/share-peers.ts'
import type { Heard, Liveness, SharePeersInit } from '../../src/topics/share-peers.ts'
import { randomProviders } from '../support/peers.ts'

let a: SharePeer, b: SharePeer, c: SharePeer
let states: Map<string, Liveness>
beforeAll(async () => {
  ;[a, b, c] = (await randomProviders(3)) as [SharePeer, SharePeer, SharePeer]
})
beforeEach(() => {
  states = new Map()
})

function peersOf(init: Partial<SharePeersInit> = {}): SharePeers {
  return new SharePeers({ maxPeers: 2, liveness: (id) => states.get(id.toString()), ...init })
}

/** It says that it is here, and again within 10 s. */
function said(peer: SharePeer, sequence: bigint, at = 0): Heard {
  return { peer, sequence, everyS: 10, at }
}

const GONE_MS = 30_000

test('a peer is news once', () => {
  const peers = peersOf()
  expect(peers.here(said(a, 1n), 0)).toBe(true)
  expect(peers.here(said(a, 2n, 10), 10)).toBe(false)
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
  const peers = peersOf()
  peers.here(said(a, 1n), 0)
  leave(peers)
  expect(peers.present(1)).toEqual([])
  expect(peers.here(said(a, 3n, 2), 2)).toBe(true)
})

test('a peer whose connection ended is still there, and news when it speaks', () => {
  const peers = peersOf()
  peers.here(said(a, 1n), 0)
  peers.lost(a.id)
  expect(peers.present(1)).toEqual([a])
  expect(peers.here(said(a, 2n, 2), 2)).toBe(true)
  expect(peers.here(said(a, 3n, 3), 3)).toBe(false)
})

test('a peer that missed three times of its own speaking is gone, and news when it speaks', () => {
  const peers = peersOf()
  peers.here(said(a, 1n), 0)
  expect(peers.present(GONE_MS - 1)).toEqual([a])
  expect(peers.present(GONE_MS)).toEqual([])
  expect(peers.here(said(a, 2n, GONE_MS), GONE_MS)).toBe(true)
})

test('in a large audience everybody is given more time', async () => {
  const many = await randomProviders(100)
  const peers = peersOf({ maxPeers: 100 })
  many.forEach((peer) => peers.here(said(peer, 1n), 0))
  expect(peers.present(GONE_MS)).toHaveLength(100)
  expect(peers.present(3 * 100 * INTERVAL_PER_PEER_MS)).toHaveLength(0)
})

test('what was said long ago and heard now is as old as it is', () => {
  const peers = peersOf()
  expect(peers.here(said(a, 1n, 0), GONE_MS)).toBe(false)
  expect(peers.here(said(b, 1n, 1), GONE_MS)).toBe(true)
})

test('a replayed message neither brings a peer back nor takes it away', () => {
  const peers = peersOf()
  peers.here(said(a, 5n), 0)
  peers.leaving(a.id, 5n)
  expect(peers.present(1)).toEqual([a])
  peers.gone(a.id)
  expect(peers.here(said(a, 5n, 2), 2)).toBe(false)
  expect(peers.isNews(a.id, 5n)).toBe(false)
  expect(peers.isNews(a.id, 6n)).toBe(true)
})

test('what it says over its own connection needs no number and uses none up', () => {
  const peers = peersOf()
  expect(peers.here({ peer: a, everyS: 10, at: 0 }, 0)).toBe(true)
  expect(peers.here(said(a, 1n, 1), 1)).toBe(false)
  peers.leaving(a.id, 2n)
  expect(peers.present(2)).toEqual([])
})

test('the goodbye of an unknown peer is nothing', () => {
  const peers = peersOf()
  peers.leaving(a.id, 1n)
  peers.gone(a.id)
  peers.lost(a.id)
  expect(peers.present(0)).toEqual([])
})

describe('what membership knows', () => {
  test.each(['dead', 'left'] as const)('one that is %s since it spoke is not here', (state) => {
    const peers = peersOf()
    peers.here(said(a, 1n), 0)
    states.set(a.id.toString(), { state, since: 5 })
    expect(peers.present(6)).toEqual([])
    expect(peers.has(a.id, 6)).toBe(false)
  })

  test('one that speaks after its death is here', () => {
    const peers = peersOf()
    states.set(a.id.toString(), { state: 'dead', since: 5 })
    expect(peers.here(said(a, 1n, 6), 6)).toBe(true)
  })

  test.each(['alive', 'suspect'] as const)('one that is %s is here', (state) => {
    const peers = peersOf()
    states.set(a.id.toString(), { state, since: 5 })
    expect(peers.here(said(a, 1n), 6)).toBe(true)
  })

  test('one that is alive after all is back with what it said last, if that is young enough', () => {
    const peers = peersOf()
    peers.here(said(a, 1n), 0)
    states.set(a.id.toString(), { state: 'dead', since: 5 })
    expect(peers.back(a.id, 6)).toBeUndefined()
    states.set(a.id.toString(), { state: 'alive', since: 7 })
    expect(peers.back(a.id, 8)).toBe(a)
    expect(peers.back(a.id, GONE_MS)).toBeUndefined()
  })
})

describe('what it has', () => {
  function saysAgain(before: HaveSummary | undefined, now: HaveSummary): boolean {
    const peers = peersOf()
    peers.here(said({ ...a, ...(before === undefined ? {} : { have: before }) }, 1n), 0)
    return peers.here(said({ ...a, have: now }, 2n, 1), 1)
  }

  test.each<[string, HaveSummary | undefined, HaveSummary, boolean]>([
    ['an eighth more', { leaves: 8, held: 0 }, { leaves: 8, held: 1 }, true],
    ['less than that', { leaves: 16, held: 0 }, { leaves: 16, held: 1 }, false],
    ['all now', { leaves: 16, held: 15 }, { leaves: 16, held: 16 }, true],
    ['all as before', { leaves: 16, held: 16 }, { leaves: 16, held: 16 }, false],
    ['all, which it had not said', undefined, { leaves: 1, held: 1 }, true],
    ['an eighth less', { leaves: 8, held: 4 }, { leaves: 8, held: 3 }, true]
  ])('%s: %o, %o is news: %s', (_, before, now, news) => {
    expect(saysAgain(before, now)).toBe(news)
  })
})

describe('room', () => {
  test('full, it takes a new peer only in the place of one that is gone', () => {
    const peers = peersOf()
    peers.here(said(a, 1n), 0)
    peers.here(said(b, 1n, 50), 50)
    expect(peers.here(said(c, 1n, 60), 60)).toBe(false)
    expect(peers.here(said(c, 2n, GONE_MS), GONE_MS)).toBe(true)
    expect(peers.present(GONE_MS)).toEqual([c, b])
  })

  test('all shares together have a bound too, and places are given back', () => {
    let left = 1
    const room = { maxPeers: 10, admit: () => left > 0 && left-- > 0, forgotten: () => left++ }
    const [one, other] = [peersOf(room), peersOf(room)]
    expect(one.here(said(a, 1n), 0)).toBe(true)
    expect(other.here(said(b, 1n), 0)).toBe(false)
    one.clear()
    expect(left).toBe(1)
    expect(other.here(said(b, 1n), 0)).toBe(true)
  })
})
