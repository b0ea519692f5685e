import { describe, expect, test } from 'vitest'
import { checkChoice, MAX_PRIORITIES, requireFiles, resolveChoice } from '../../src/fetch/choice.ts'
import type { Choice } from '../../src/fetch/choice.ts'
import type { LeafMap } from '../../src/leaf-map.ts'

/** Four files of two leaves each; the first of `b/two` is the same as that of `a/one`. */
const files = ['a/one', 'a/two', 'b/one', 'b/two'].map((path, at) => ({
  path,
  bytes: 2,
  firstLeaf: 2 * at,
  leafCount: 2
}))
const layout = { files, leafCount: 8, canonical: (leaf: number) => (leaf === 6 ? 0 : leaf) } as unknown as LeafMap

const chosen = (choice: Choice): number[] | undefined => {
  const { files: indices } = resolveChoice(layout, choice)
  return indices && [...indices]
}

describe('which files', () => {
  test('all without a choice, and with one that fits everything', () => {
    expect(chosen({})).toBeUndefined()
    expect(chosen({ priorities: [{ glob: 'nothing', priority: 'skip' }] })).toBeUndefined()
  })

  test('those that are selected, without those that are skipped', () => {
    expect(chosen({ select: ['a/'] })).toEqual([0, 1])
    expect(chosen({ select: ['a/'], priorities: [{ glob: 'one', priority: 'skip' }] })).toEqual([1])
    expect(chosen({ priorities: [{ glob: 'one', priority: 'skip' }] })).toEqual([1, 3])
  })

  test('of several globs that fit a file the last one counts', () => {
    const priorities = [
      { glob: '*', priority: 'skip' },
      { glob: 'b/two', priority: 'high' }
    ] as const
    expect(chosen({ priorities })).toEqual([3])
  })

  test('none is an error that names the patterns', () => {
    const choice: Choice = { select: ['a/'], priorities: [{ glob: 'a/*', priority: 'skip' }] }
    expect(() => {
      requireFiles(resolveChoice(layout, choice), choice)
    }).toThrow(expect.objectContaining({ name: 'NothingSelectedError', patterns: ['a/', 'not a/*'] }))
  })
})

describe('which first', () => {
  test('nothing is said without an order', () => {
    expect(resolveChoice(layout, { select: ['a/'] }).order).toEqual({ sequential: false })
  })

  test('a leaf is as urgent as the most urgent file that it is in', () => {
    const { order } = resolveChoice(layout, {
      order: 'sequential',
      priorities: [
        { glob: 'a/one', priority: 'low' },
        { glob: 'b/two', priority: 'high' }
      ]
    })
    expect(order.sequential).toBe(true)
    expect([0, 1, 2, 7].map((leaf) => order.urgency?.(leaf))).toEqual(['high', 'low', 'normal', 'high'])
  })
})

describe('what cannot be chosen', () => {
  const many = (count: number): Choice => ({
    priorities: Array.from({ length: count }, () => ({ glob: '*', priority: 'low' }))
  })

  test('more than MAX_PRIORITIES globs', () => {
    expect(() => {
      checkChoice(many(MAX_PRIORITIES))
    }).not.toThrow()
    expect(() => {
      checkChoice(many(MAX_PRIORITIES + 1))
    }).toThrow(expect.objectContaining({ name: 'InvalidOptionError', option: 'priorities' }))
  })

  test.each([
    [{ order: 'random' }, 'order'],
    [{ priorities: [{ glob: '*', priority: 'urgent' }] }, 'priorities'],
    [{ priorities: [{ glob: '', priority: 'high' }] }, 'select'],
    [{ select: ['{'.repeat(40) + ',}'.repeat(40)] }, 'select']
  ])('%j', (choice, option) => {
    expect(() => {
      checkChoice(choice as unknown as Choice)
    }).toThrow(expect.objectContaining({ name: 'InvalidOptionError', option }))
  })
})

test('an order of a million leaves takes bits, not objects', () => {
  const leafCount = 1_000_000
  const large = { path: 'large', bytes: leafCount, firstLeaf: 0, leafCount }
  const map = { files: [large], leafCount, canonical: (leaf: number) => leaf } as unknown as LeafMap
  const before = process.memoryUsage().heapUsed
  const { order } = resolveChoice(map, { priorities: [{ glob: 'large', priority: 'high' }] })
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000)
  expect(order.urgency?.(leafCount - 1)).toBe('high')
})
