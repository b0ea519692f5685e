import { expect, it } from 'vitest'
import { Awake, MAX_AWAKE_SHARES } from '../../src/share/awake.ts'

it('puts the least recently used idle share to sleep when there is one more than may be awake', () => {
  const slept: number[] = []
  const busy = new Set([0, 2])
  const awake = new Awake<number>(
    (share) => !busy.has(share),
    (share) => slept.push(share)
  )
  for (let share = 0; share < MAX_AWAKE_SHARES; share++) {
    awake.use(share)
  }
  expect(slept).toEqual([])
  awake.use(1)
  awake.use(MAX_AWAKE_SHARES)
  expect(slept).toEqual([3])
  awake.forget(4)
  awake.use(3)
  expect(slept).toEqual([3])
  expect(awake.size).toBe(MAX_AWAKE_SHARES)
})
