import { fc, test as propTest } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { nextUint32, seededRandom, seedFromEnv } from '../src/random.ts'
import type { RandomState } from '../src/random.ts'

const draw = (count: number, next: () => number) => Array.from({ length: count }, next)

test('xoshiro128** yields the published vector for the state 1, 2, 3, 4', () => {
  const state: RandomState = [1, 2, 3, 4]
  expect(draw(10, () => nextUint32(state))).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804
  ])
})

describe('seededRandom', () => {
  test('draws what it drew when this test was written', () => {
    const random = seededRandom('vector')
    expect({
      words: draw(4, () => random.uint32()),
      float: random.float(),
      ints: draw(6, () => random.int(10)),
      bytes: Buffer.from(random.bytes(7)).toString('hex'),
      shuffled: random.shuffle([1, 2, 3, 4, 5]),
      fork: random.fork('child').uint32()
    }).toMatchInlineSnapshot(`
      {
        "bytes": "014938eef0ac83",
        "float": 0.8839191580967068,
        "fork": 2589522080,
        "ints": [
          8,
          6,
          9,
          6,
          7,
          7,
        ],
        "shuffled": [
          3,
          1,
          4,
          2,
          5,
        ],
        "words": [
          1660369060,
          198163382,
          978321155,
          2547163488,
        ],
      }
    `)
  })

  test('a number and its text are the same seed, and other seeds draw other numbers', () => {
    expect(seededRandom(7).uint32()).toBe(seededRandom('7').uint32())
    expect(new Set(draw(200, () => 0).map((_, seed) => seededRandom(seed).uint32())).size).toBe(200)
  })

  test('a fork does not depend on what was drawn before, nor change what is drawn after', () => {
    const [a, b] = [seededRandom('x'), seededRandom('x')]
    a.bytes(100)
    expect(a.fork('y').bytes(20)).toEqual(b.fork('y').bytes(20))
    expect(b.uint32()).toBe(seededRandom('x').uint32())
    expect(a.fork('y').uint32()).not.toBe(a.fork('z').uint32())
  })

  test('spreads over its range', () => {
    const random = seededRandom('spread')
    const counts = new Array<number>(10).fill(0)
    for (const value of draw(10_000, () => random.int(10))) {
      counts[value]! += 1
    }
    // four standard deviations of a fair draw
    for (const count of counts) {
      expect(Math.abs(count - 1_000)).toBeLessThan(120)
    }
    const mean = draw(10_000, () => random.float()).reduce((sum, value) => sum + value, 0) / 10_000
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.012)
  })

  test.each([0, -1, 1.5, NaN, 2 ** 32 + 1])('has no whole number below %s', (max) => {
    expect(() => seededRandom(1).int(max)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }))
  })

  test('takes limits from 1 to 2^32', () => {
    expect(seededRandom(1).int(1)).toBe(0)
    expect(seededRandom(1).int(2 ** 32)).toBe(seededRandom(1).uint32())
  })

  test('picks nothing from an empty list', () => {
    expect(() => seededRandom(1).pick([])).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }))
    expect(seededRandom(1).shuffle([])).toEqual([])
  })

  propTest.prop([fc.string(), fc.integer({ min: 1, max: 2 ** 32 }), fc.nat(300)])(
    'stays in range, and repeats itself',
    (seed, max, length) => {
      const [a, b] = [seededRandom(seed), seededRandom(seed)]
      const value = a.int(max)
      expect(value).toBe(b.int(max))
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThan(max)
      const float = a.float()
      expect(float).toBe(b.float())
      expect(float >= 0 && float < 1).toBe(true)
      const bytes = a.bytes(length)
      expect(bytes).toEqual(b.bytes(length))
      expect(bytes.byteLength).toBe(length)
    }
  )

  propTest.prop([fc.string(), fc.array(fc.integer())])(
    'shuffles: the same items, the input untouched',
    (seed, items) => {
      const copy = [...items]
      const shuffled = seededRandom(seed).shuffle(items)
      expect(items).toEqual(copy)
      expect(shuffled.toSorted((a, b) => a - b)).toEqual(copy.sort((a, b) => a - b))
    }
  )
})

describe('seedFromEnv', () => {
  test('takes SEED, and makes one up without it', () => {
    expect(seedFromEnv({ SEED: ' abc ' })).toBe('abc')
    expect(seedFromEnv({ SEED: '' })).toMatch(/^[0-9a-f]{8}$/)
    expect(seedFromEnv({})).toMatch(/^[0-9a-f]{8}$/)
  })
})
