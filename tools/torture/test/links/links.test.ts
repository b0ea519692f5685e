import { expect, it } from 'vitest'
import { tortureLinks } from '../../src/links/run.ts'

it('no changed link opens a private share, whether or not its checksum is right', () => {
  const { opened, refused, useless } = tortureLinks('slice', 0, 4000)
  expect(opened).toEqual([])
  expect(refused).toBeGreaterThan(1000)
  expect(useless).toBeGreaterThan(1900)
})
