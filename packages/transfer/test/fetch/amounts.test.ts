import { expect, test } from 'vitest'
import { wasFetched } from '../../src/fetch/amounts.ts'
import { bytesOf, fakeShare } from '../store/fake-share.ts'

test('a file was fetched when all its leaves are here; an empty one never was', () => {
  const { map } = fakeShare({ a: bytesOf('a', 2500), b: bytesOf('b', 1500), empty: new Uint8Array() })
  const store = { has: (leaf: number) => leaf !== 4 }
  expect(map.files.map((_, file) => wasFetched(map, store, file))).toEqual([true, false, false])
})
