import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LeafMap } from '../../src/leaf-map.ts'
import { checkRange, planRead } from '../../src/read/plan.ts'

/** Files of leaves of these sizes. */
function layoutOf(files: Readonly<Record<string, readonly number[]>>, directories: readonly string[] = []): LeafMap {
  let firstLeaf = 0
  const positions: Array<{ file: number; offset: number }> = []
  const entries = Object.entries(files).map(([path, leaves], file) => {
    let offset = 0
    for (const bytes of leaves) {
      positions.push({ file, offset })
      offset += bytes
    }
    const entry = { path, bytes: offset, firstLeaf, leafCount: leaves.length }
    firstLeaf += leaves.length
    return entry
  })
  const layout = {
    files: entries,
    directories,
    position: (leaf: number) => positions[leaf] ?? { file: -1, offset: -1 }
  }
  return layout as unknown as LeafMap
}

const layout = layoutOf({ 'a/one': [10, 10, 5], b: [], ünï: [7] }, ['a'])

describe('where a range is', () => {
  test('of the whole file: all its leaves', () => {
    expect(planRead(layout, { path: 'a/one' })).toEqual({ file: 0, start: 0, end: 25, firstLeaf: 0, endLeaf: 3 })
  })

  test.each([
    [9, 1, 0, 1],
    [9, 2, 0, 2],
    [10, 10, 1, 2],
    [24, 100, 2, 3]
  ])('from %i, %i bytes: leaves %i to %i', (offset, length, firstLeaf, endLeaf) => {
    expect(planRead(layout, { path: 'a/one', offset, length })).toMatchObject({ firstLeaf, endLeaf })
  })

  test('nothing is in no leaf: at the end, of no length, of an empty file', () => {
    for (const range of [{ path: 'a/one', offset: 25 }, { path: 'a/one', length: 0 }, { path: 'b' }]) {
      const { firstLeaf, endLeaf } = planRead(layout, range)
      expect(endLeaf).toBe(firstLeaf)
    }
  })

  test('slashes around a path and decomposed accents make no difference', () => {
    expect(planRead(layout, { path: '/u\u0308ni\u0308/' }).file).toBe(2)
  })

  test('the bytes of its leaves are the bytes of the range, wherever it begins and ends', () => {
    const range = fc.record({
      leaves: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 20 }),
      offset: fc.nat(400),
      length: fc.nat(400)
    })
    fc.assert(
      fc.property(range, ({ leaves, offset, length }) => {
        const bytes = leaves.reduce((sum, each) => sum + each, 0)
        fc.pre(offset <= bytes)
        const file = layoutOf({ '': leaves })
        const plan = planRead(file, { offset, length })
        const read: number[] = []
        for (let leaf = plan.firstLeaf; leaf < plan.endLeaf; leaf++) {
          const at = file.position(leaf).offset
          const end = at + (leaves[leaf] ?? 0)
          expect(end > plan.start && at < plan.end).toBe(true)
          for (let byte = Math.max(at, plan.start); byte < Math.min(end, plan.end); byte++) {
            read.push(byte)
          }
        }
        expect(read).toEqual(Array.from({ length: Math.min(length, bytes - offset) }, (_, at) => offset + at))
      }),
      { numRuns: 60 }
    )
  })
})

describe('what cannot be read', () => {
  test.each([
    ['a', 'PathIsDirectoryError'],
    ['', 'PathIsDirectoryError'],
    ['one', 'PathNotFoundError'],
    ['A/one', 'PathNotFoundError']
  ])('%j: %s', (path, name) => {
    expect(() => planRead(layout, { path })).toThrow(expect.objectContaining({ name }))
  })

  test('behind the end', () => {
    expect(() => planRead(layout, { path: 'a/one', offset: 26 })).toThrow(
      expect.objectContaining({ name: 'OffsetBeyondEndError', bytes: 25 })
    )
  })

  test.each([{ offset: -1 }, { offset: 0.5 }, { length: -1 }, { length: Infinity }, { offset: NaN }])(
    'no range at all: %o',
    (range) => {
      expect(() => {
        checkRange(range)
      }).toThrow(expect.objectContaining({ name: 'InvalidOptionError' }))
    }
  )
})
