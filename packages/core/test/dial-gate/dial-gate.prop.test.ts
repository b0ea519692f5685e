import { expect, test } from 'vitest'
import { knockAtAll } from './knock.ts'

const SEED = 20_261_123

test('of 100,000 generated addresses and names none leads into a range that strangers may not name', () => {
  const { wronglyDialled, wronglyRefused, dialled } = knockAtAll(100_000, SEED)
  expect(wronglyDialled).toEqual([])
  expect(wronglyRefused).toEqual([])
  expect(dialled).toBeGreaterThan(10_000)
})
