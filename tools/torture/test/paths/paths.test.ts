import { expect, it } from 'vitest'
import { raceSymlinks } from '../../src/paths/race.ts'
import { torturePaths } from '../../src/paths/run.ts'

it('no known trick and no generated path gets out of its directory', async () => {
  const { escapes, accepted, made } = await torturePaths({ seed: 'slice', from: 0, count: 20_000, sampleEvery: 100 })
  expect(escapes).toEqual([])
  expect(accepted).toBeGreaterThan(500)
  expect(made).toBeGreaterThan(5)
})

it('nothing is made or removed outside while directories are swapped for links', async () => {
  const { escapes, races, swaps } = await raceSymlinks('slice', 200)
  expect(escapes).toEqual([])
  expect(races).toBeGreaterThanOrEqual(200)
  expect(swaps).toBeGreaterThan(0)
})
