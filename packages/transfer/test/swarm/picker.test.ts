import { seededRandom } from '@p2pshare/testkit'
import { describe, expect, test } from 'vitest'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import { Picker } from '../../src/swarm/picker.ts'
import { MAX_SCAN } from '../../src/swarm/tier.ts'

function picker(leafCount: number, seed = 'picker'): Picker {
  const random = seededRandom(seed)
  const made = new Picker(leafCount, () => random.float())
  for (let leaf = 0; leaf < leafCount; leaf++) {
    made.add(leaf)
  }
  return made
}

function hold(made: Picker, leaves: Iterable<number>, times = 1): void {
  for (const leaf of leaves) {
    for (let time = 0; time < times; time++) {
      made.changeHolders(leaf, 1)
    }
  }
}

function fieldOf(length: number, leaves: Iterable<number>): Bitfield {
  const field = new Bitfield(length)
  for (const leaf of leaves) {
    field.set(leaf)
  }
  return field
}

test('the rarest leaf that the peer has comes first', () => {
  const made = picker(4)
  hold(made, [0], 3)
  hold(made, [1], 1)
  hold(made, [2], 2)
  hold(made, [3], 1)
  expect(made.pick(fieldOf(4, [0, 1, 2]))).toBe(1)
  made.remove(1)
  expect(made.pick(fieldOf(4, [0, 1, 2]))).toBe(2)
  made.remove(2)
  expect(made.pick(fieldOf(4, [0, 1, 2]))).toBe(0)
  made.remove(0)
  expect(made.pick(fieldOf(4, [0, 1, 2]))).toBeUndefined()
  expect(made.size).toBe(1)
})

test('a leaf that came back is picked again, at the rarity it has now', () => {
  const made = picker(2)
  hold(made, [0, 1], 2)
  made.remove(0)
  made.changeHolders(0, -1)
  made.add(0)
  expect(made.holders(0)).toBe(1)
  expect(made.pick(Bitfield.full(2))).toBe(0)
})

test('ties are broken uniformly', () => {
  const random = seededRandom('ties')
  const counts = new Array<number>(10).fill(0)
  const made = new Picker(10, () => random.float())
  for (let leaf = 0; leaf < 10; leaf++) {
    made.add(leaf)
  }
  hold(made, counts.keys())
  for (let draw = 0; draw < 5000; draw++) {
    const leaf = made.pick(Bitfield.full(10)) ?? 0
    counts[leaf] = (counts[leaf] ?? 0) + 1
  }
  // 500 expected; four standard deviations are 85
  expect(Math.min(...counts)).toBeGreaterThan(415)
  expect(Math.max(...counts)).toBeLessThan(585)
})

test('adding, removing and counting twice changes nothing', () => {
  const made = picker(3)
  made.add(0)
  made.add(0)
  expect(made.size).toBe(3)
  made.remove(0)
  made.remove(0)
  expect(made.size).toBe(2)
  made.changeHolders(1, -1)
  expect(made.holders(1)).toBe(0)
})

test('with 64 holders and more, leaves are alike', () => {
  const made = picker(3)
  hold(made, [0], 64)
  hold(made, [1], 70)
  hold(made, [2], 63)
  expect(made.pick(Bitfield.full(3))).toBe(2)
  made.remove(2)
  expect(new Set(Array.from({ length: 50 }, () => made.pick(Bitfield.full(3))))).toEqual(new Set([0, 1]))
  made.changeHolders(1, -1)
  made.remove(0)
  expect(made.pick(Bitfield.full(3))).toBe(1)
})

describe('a pick looks at no more than MAX_SCAN leaves, and finds one all the same', () => {
  const leafCount = 20_000

  class CountingBitfield extends Bitfield {
    looks = 0

    override has(index: number): boolean {
      this.looks++
      return super.has(index)
    }
  }

  function counting(leaves: readonly number[]): CountingBitfield {
    const field = new CountingBitfield(leafCount)
    leaves.forEach((leaf) => field.set(leaf))
    field.looks = 0
    return field
  }

  test('a peer with one leaf that others have too, among thousands that it lacks', () => {
    const made = picker(leafCount)
    hold(made, Array(leafCount).keys())
    hold(made, [12_345], 5)
    const held = counting([12_345])
    expect(made.pick(held)).toBe(12_345)
    expect(held.looks).toBe(MAX_SCAN)
  })

  test('of the few that such a peer has, a rare one', () => {
    const made = picker(leafCount)
    hold(made, Array(leafCount).keys())
    hold(made, [7, 8, 9, 15_000], 5)
    hold(made, [8], 1)
    made.changeHolders(15_000, -1)
    const held = fieldOf(leafCount, [7, 8, 9, 15_000])
    for (let draw = 0; draw < 20; draw++) {
      expect(made.pick(held)).toBe(15_000)
    }
  })

  test('a peer with nothing that is missing', () => {
    const made = picker(leafCount)
    hold(made, Array(leafCount).keys())
    made.remove(3)
    const held = counting([3])
    expect(made.pick(held)).toBeUndefined()
    expect(held.looks).toBe(MAX_SCAN)
    expect(made.hasAny(fieldOf(leafCount, [3]))).toBe(false)
    expect(made.hasAny(fieldOf(leafCount, [4]))).toBe(true)
  })
})
