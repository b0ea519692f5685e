import { expect, test } from 'vitest'
import { believedMutations } from './mutate.ts'

test('of 2,000 mutated records none is believed', async () => {
  expect(await believedMutations(2_000, 20_261_123)).toBe(0)
})
