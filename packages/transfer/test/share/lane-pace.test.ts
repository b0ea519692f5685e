import { expect, test } from 'vitest'
import { BLOCK_BYTES } from '../../src/constants.ts'
import { LanePace } from '../../src/share/lane-pace.ts'
import { MAX_LEAF_BLOCKS } from '../../src/wire/limits.ts'

/** Frames to a lane that takes so many bytes a millisecond. */
function feed(pace: LanePace, bytesPerMs: number, frames: number): number[] {
  return Array.from({ length: frames }, () => {
    const { blocks } = pace
    pace.took(blocks * BLOCK_BYTES, (blocks * BLOCK_BYTES) / bytesPerMs)
    return blocks
  })
}

test('a lane that takes everything at once gets the largest frames after a few', () => {
  const blocks = feed(new LanePace(), 1_000_000, 6)
  expect(blocks[0]).toBe(16)
  expect(blocks[2]).toBeGreaterThanOrEqual(60)
  expect(blocks.at(-1)).toBe(MAX_LEAF_BLOCKS)
})

test('a slow lane gets frames of four blocks, and recovers when it is quick again', () => {
  const pace = new LanePace()
  expect(pace.isSlow).toBe(false)
  feed(pace, 100, 60)
  expect([pace.blocks, pace.isSlow]).toEqual([4, true])
  feed(pace, 1_000_000, 100)
  expect([pace.blocks, pace.isSlow]).toEqual([MAX_LEAF_BLOCKS, false])
})

test('one that takes a part at once and then makes wait is known by its average', () => {
  const pace = new LanePace()
  for (let round = 0; round < 40; round++) {
    // 1 MB/s: the buffers of the system take some frames at once, and then nothing for long
    for (let frame = 0; frame < 9; frame++) {
      pace.took(65_536, 0.1)
    }
    pace.took(65_536, 655)
  }
  expect(pace.isSlow).toBe(true)
})
