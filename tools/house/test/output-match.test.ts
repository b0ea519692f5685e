import { expect, test } from 'vitest'
import { matchesOutput } from '../src/output-match.ts'

test.each([
  ['the same text', 'a\nb', 'a\nb\n', true],
  ['another line', 'a', 'b', false],
  ['a missing line', 'a\nb', 'a', false],
  ['any text for an ellipsis', 'peer 12D3…x at …', 'peer 12D3Koox at 10', true],
  ['an ellipsis in the middle that does not fit', 'a…b…c', 'a c', false],
  ['overlapping ends', 'ab…ba', 'aba', false]
])('%s', (_, page, printed, matches) => {
  expect(matchesOutput(page, printed)).toBe(matches)
})
