import { expect, test } from 'vitest'
import { MAX_OWED_LEAVES, OwedBlocks } from '../../src/share/owed-blocks.ts'

test('each block may come once for each time it was asked for', () => {
  const owed = new OwedBlocks()
  expect(owed.has({ leaf: 1, count: 1 })).toBe(false)
  owed.asked([{ leaf: 1, count: 8 }])
  expect([owed.has({ leaf: 1, count: 8 }), owed.has({ leaf: 1, count: 9 })]).toEqual([true, false])
  owed.came({ leaf: 1, count: 5 })
  expect([owed.has({ leaf: 1, count: 3 }), owed.has({ leaf: 1, count: 4 })]).toEqual([true, false])
  owed.asked([{ leaf: 1, count: 5 }]) // after a cancel: what was on its way may come, and come again
  expect([owed.has({ leaf: 1, count: 8 }), owed.has({ leaf: 1, count: 9 })]).toEqual([true, false])
})

test('nothing is kept of a leaf of which all came', () => {
  const owed = new OwedBlocks()
  owed.asked([{ leaf: 1, count: 2 }])
  owed.came({ leaf: 1, count: 2 })
  expect(owed.leaves).toBe(0)
})

test('MAX_OWED_LEAVES leaves are kept; with one more the one that was asked for longest ago is forgotten', () => {
  const owed = new OwedBlocks()
  for (let leaf = 0; leaf < MAX_OWED_LEAVES; leaf++) {
    owed.asked([{ leaf, count: 1 }])
  }
  expect([owed.leaves, owed.has({ leaf: 0, count: 1 })]).toEqual([MAX_OWED_LEAVES, true])
  owed.asked([{ leaf: 0, count: 1 }]) // the oldest is the next one from here on
  owed.asked([{ leaf: MAX_OWED_LEAVES, count: 1 }])
  expect(owed.leaves).toBe(MAX_OWED_LEAVES)
  expect([0, 1, 2].map((leaf) => owed.has({ leaf, count: 1 }))).toEqual([true, false, true])
})
