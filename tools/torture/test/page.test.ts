import { expect, test } from 'vitest'
import { pageOf } from '../src/page.ts'
import type { HarnessResult } from '../src/result.ts'

const result = (more: Partial<HarnessResult>): HarnessResult => ({
  name: 'fuzz',
  extent: '1 codec',
  seconds: 2.4,
  figures: {},
  violations: [],
  ...more
})
const page = (before: string, ...results: readonly HarnessResult[]) => pageOf(results, '2026-11-23', '2 cores', before)

test('sections of harnesses that did not run stay as they are, in the order of the page', () => {
  const first = page('', result({ name: 'links', figures: { opened: '0' } }))
  const second = page(first, result({ name: 'kill9', figures: { lost: '0' }, violations: ['seed 7'] }))
  expect(second.indexOf('## torture:kill9')).toBeLessThan(second.indexOf('## torture:links'))
  expect(second).toContain('| opened | 0 |')
  expect(second).toContain('- seed 7')
  expect(page(second)).toBe(second)
})

test('rows of codecs that did not run now stay, with what they say', () => {
  const first = page('', result({ figures: { 'a/x': '1 input', 'a/y': '2 inputs' }, keepsFigures: true }))
  const second = page(first, result({ figures: { 'a/y': '3 inputs' }, keepsFigures: true }))
  expect(second).toContain('| a/x | 1 input |')
  expect(second).toContain('| a/y | 3 inputs |')
  expect(second).not.toContain('2 inputs')
  expect(page(second, result({ figures: { 'a/y': '4 inputs' } }))).not.toContain('a/x')
})
