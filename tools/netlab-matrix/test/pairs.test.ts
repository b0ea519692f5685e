import { NAT_TYPES, isNatType } from '@p2pshare/netlab'
import { describe, expect, it } from 'vitest'
import { SLICE, expectationOf, pairName, pairsOf } from '../src/pairs.ts'

describe('pairs', () => {
  it('has every two types once, and each with itself', () => {
    expect(pairsOf(['public', 'symmetric', 'rst']).map(pairName)).toEqual([
      'public x public',
      'public x symmetric',
      'public x rst',
      'symmetric x symmetric',
      'symmetric x rst',
      'rst x rst'
    ])
  })

  it('puts a neighbour on every LAN there is, and a type that is named twice in once', () => {
    expect(pairsOf(['public', 'lan', 'rst', 'rst']).map(pairName)).toEqual([
      'public x public',
      'public x rst',
      'rst x rst',
      'rst x lan'
    ])
  })

  it('covers all types of netlab: 13 with each other, 12 with a neighbour', () => {
    expect(pairsOf(Object.keys(NAT_TYPES).filter(isNatType))).toHaveLength((13 * 14) / 2 + 12)
  })
})

describe('what is expected of a pair', () => {
  it.each([
    ['port-restricted', 'port-restricted', 'direct'],
    ['port-restricted', 'symmetric', 'direct'],
    ['symmetric', 'symmetric', 'relay'],
    ['symmetric', 'cgnat-symmetric', 'relay'],
    ['symmetric-narrow', 'symmetric-narrow', 'direct'],
    ['symmetric-narrow', 'symmetric', 'relay'],
    ['udp-blocked', 'udp-blocked', 'direct'],
    ['udp-blocked', 'symmetric', 'relay'],
    ['public', 'symmetric', 'direct'],
    ['full-cone', 'udp-blocked', 'direct'],
    ['upnp', 'cgnat-symmetric', 'direct'],
    ['ipv6-only', 'dual-stack', 'direct'],
    ['ipv6-only', 'port-restricted', 'relay'],
    ['ipv6-only', 'public', 'relay'],
    ['symmetric', 'lan', 'direct']
  ] as const)('%s x %s: %s', (a, b, expected) => {
    expect(expectationOf({ a, b })).toBe(expected)
    if (b !== 'lan') {
      expect(expectationOf({ a: b, b: a })).toBe(expected)
    }
  })

  it('has both outcomes in the slice', () => {
    expect(SLICE.map(expectationOf)).toEqual(['direct', 'direct', 'direct', 'relay'])
  })
})
