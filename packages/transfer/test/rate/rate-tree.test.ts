import { describe, expect, test } from 'vitest'
import { RateTree } from '../../src/rate/rate-tree.ts'
import type { Demand } from '../../src/rate/rate-tree.ts'
import { grant } from './support/grant.ts'

const KIB = 1024

interface Named extends Demand {
  readonly name: string
}

function demand(name: string, bytes: number, peer = 'p', share = 's'): Named {
  return { name, bytes, path: { share, peer } }
}

function names(granted: readonly Named[]): string[] {
  return granted.map(({ name }) => name)
}

/** A tree without caps. */
function tree(...demands: readonly Named[]): RateTree<Named> {
  const made = new RateTree<Named>()
  demands.forEach((one) => {
    made.wait(one)
  })
  return made
}

describe('without a cap', () => {
  test('everything passes at once', () => {
    const free = tree(demand('a', 10 ** 9), demand('b', 1))
    expect(free.isLimited({ share: 's', peer: 'p' })).toBe(false)
    expect(names(grant(free, 0))).toEqual(['a', 'b'])
    expect(free.waitMs(0)).toBeUndefined()
  })

  test('Infinity takes a cap away, and lets those pass who waited for it', () => {
    const capped = tree()
    capped.limitNode(KIB, 0)
    capped.wait(demand('a', 64 * KIB))
    expect(grant(capped, 0)).toEqual([])
    capped.limitNode(Infinity, 1)
    expect(names(grant(capped, 1))).toEqual(['a'])
  })
})

describe('under a cap', () => {
  test('who asked first passes first, and is not passed by a smaller one', () => {
    const capped = tree(demand('large', 60 * KIB), demand('small', 1 * KIB))
    capped.limitNode(1000 * KIB, 0)
    expect(grant(capped, 30)).toEqual([])
    expect(capped.waitMs(30)).toBeCloseTo(30)
    expect(names(grant(capped, 60))).toEqual(['large'])
    expect(names(grant(capped, 61))).toEqual(['small'])
  })

  test.each(['share', 'peer'] as const)('nor under the cap of a %s', (scope) => {
    const capped = tree(demand('large', 60 * KIB), demand('small', 1 * KIB), demand('other', KIB, 'q', 't'))
    if (scope === 'share') {
      capped.limitShare('s', 1000 * KIB, 0)
    } else {
      capped.limitPeer('p', 1000 * KIB, 0)
    }
    expect(names(grant(capped, 30))).toEqual(['other'])
    expect(names(grant(capped, 61))).toEqual(['large', 'small'])
  })

  test('a peer at its own cap holds nobody else', () => {
    const capped = tree(demand('slow', 60 * KIB, 'slow'), demand('quick', 60 * KIB, 'quick'))
    capped.limitPeer('slow', 10 * KIB, 0)
    expect(names(grant(capped, 0))).toEqual(['quick'])
    expect(capped.waitMs(0)).toBeCloseTo(6000)
    expect(names(grant(capped, 6000))).toEqual(['slow'])
  })

  test('a share at its own cap holds no other share, and has its turn as soon as it may', () => {
    const capped = tree(demand('a', 50 * KIB, 'p', 'capped'), demand('b', 50 * KIB, 'p', 'free'))
    capped.limitNode(1000 * KIB, 0)
    capped.limitShare('capped', 500 * KIB, 0)
    expect(names(grant(capped, 50))).toEqual(['b'])
    capped.wait(demand('c', 50 * KIB, 'p', 'free'))
    expect(names(grant(capped, 100))).toEqual(['a'])
    expect(names(grant(capped, 150))).toEqual(['c'])
  })

  test('the lowest cap on the way counts, and so does its burst', () => {
    const capped = tree()
    const path = { share: 's', peer: 'p' }
    expect([capped.capOf(path), capped.burstBytes(path)]).toEqual([Infinity, Infinity])
    capped.limitNode(100_000 * KIB, 0)
    capped.limitShare('s', 10_000 * KIB, 0)
    capped.limitPeer('p', 20_000 * KIB, 0)
    expect(capped.capOf(path)).toBe(10_000 * KIB)
    expect(capped.burstBytes(path)).toBe(500 * KIB)
    expect(capped.capOf({ share: 'other', peer: 'other' })).toBe(100_000 * KIB)
  })

  test('one that does not wait any more takes nothing, and holds nobody', () => {
    const gone = demand('gone', 60 * KIB)
    const capped = tree(gone, demand('b', 10 * KIB))
    capped.limitNode(1000 * KIB, 0)
    capped.forget(gone)
    expect(names(grant(capped, 10))).toEqual(['b'])
    expect(capped.waitMs(10)).toBeUndefined()
  })

  test('what is known to wait for another one asks for no timer of its own', () => {
    const capped = tree(demand('a', 60 * KIB, 'p', 'x'), demand('b', 1, 'p', 'y'))
    capped.limitPeer('p', 1000 * KIB, 0)
    expect(grant(capped, 30)).toEqual([])
    expect(capped.waitMs(30)).toBeCloseTo(30)
  })
})

describe('what has arrived', () => {
  test('is counted, and says how long to read nothing', () => {
    const capped = tree()
    const path = { share: 's', peer: 'p' }
    capped.limitNode(1000 * KIB, 0)
    expect(capped.took(path, 16 * KIB, 16 * KIB, 64)).toBe(0)
    expect(capped.took(path, 40 * KIB, 16 * KIB, 64)).toBeCloseTo(8)
    expect(capped.took(path, 40 * KIB, 16 * KIB, 64)).toBeCloseTo(48)
  })

  test('is slowed down by the slowest of the caps over it', () => {
    const capped = tree()
    capped.limitNode(1000 * KIB, 0)
    capped.limitPeer('p', 100 * KIB, 0)
    expect(capped.took({ share: 's', peer: 'p' }, 100 * KIB, 0, 0)).toBeCloseTo(1000)
    expect(capped.took({ share: 's', peer: 'q' }, 0, 0, 0)).toBeCloseTo(100)
  })
})
