import { describe, expect, it } from 'vitest'
import { goalOf } from '../src/goals.ts'

describe('goals', () => {
  it.each([
    ['public', 'symmetric', 100, 370, 470],
    ['upnp', 'port-restricted', 100, 370, 470],
    ['port-restricted', 'cgnat', 99.9, 370, 500],
    ['rst', 'rst', 99.9, 370, 500],
    ['address-restricted', 'symmetric', 99.9, 370, 500],
    ['full-cone', 'symmetric', 100, 370, 470],
    ['port-restricted', 'symmetric', 99.5, 500, 1_400],
    ['symmetric-narrow', 'symmetric-narrow', 95, undefined, 3_000],
    ['udp-blocked', 'port-restricted', 99.5, 490, 1_000],
    ['port-restricted', 'lan', 100, 110, undefined]
  ] as const)('%s x %s', (a, b, directPercent, p50Ms, p95Ms) => {
    const goal = goalOf({ a, b }, 0)
    expect([goal?.directPercent, goal?.p50Ms, goal?.p95Ms]).toEqual([directPercent, p50Ms, p95Ms])
  })

  it('hold for the share alone with loss, but for easy NATs', () => {
    expect(goalOf({ a: 'port-restricted', b: 'port-restricted' }, 5)).toEqual({ directPercent: 99.5, p95Ms: 2_000 })
    expect(goalOf({ a: 'port-restricted', b: 'symmetric' }, 5)).toEqual({ directPercent: 99 })
  })

  it('are none where only a relay helps', () => {
    expect(goalOf({ a: 'symmetric', b: 'symmetric' }, 0)).toBeUndefined()
  })
})
