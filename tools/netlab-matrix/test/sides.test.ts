import { describe, expect, it } from 'vitest'
import { MatrixUsageError } from '../src/errors.ts'
import { sidesFor } from '../src/run/sides.ts'

describe('a lab for many pairs', () => {
  it('has one side for each type that shares, and another for each that gets', () => {
    const pairs = [
      { a: 'rst', b: 'rst' },
      { a: 'rst', b: 'public' },
      { a: 'upnp', b: 'rst' }
    ] as const
    const { lab, of } = sidesFor(pairs)
    expect([lab.a, lab.b, ...(lab.others ?? [])]).toEqual(['rst', 'upnp', 'rst', 'public'])
    expect(pairs.map(of)).toEqual([
      ['a', 'c'],
      ['a', 'd'],
      ['b', 'c']
    ])
  })

  it('has 80 ms between the ends of every pair, there and back', () => {
    const { lab, of } = sidesFor([
      { a: 'rst', b: 'public' },
      { a: 'upnp', b: 'public' }
    ])
    const [a, b] = of({ a: 'upnp', b: 'public' })
    expect(2 * ((lab.delays?.[a] ?? 0) + (lab.delays?.[b] ?? 0))).toBe(80)
  })

  it('takes a neighbour, but only by itself', () => {
    expect(sidesFor([{ a: 'rst', b: 'lan' }]).lab).toMatchObject({ a: 'rst', b: 'lan', others: [] })
    expect(() =>
      sidesFor([
        { a: 'rst', b: 'lan' },
        { a: 'rst', b: 'rst' }
      ])
    ).toThrow(MatrixUsageError)
  })
})
