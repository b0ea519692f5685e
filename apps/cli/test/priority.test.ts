import { expect, test } from 'vitest'
import { parsePriority } from '../src/priority.ts'

test.each([
  ['*.srt=high', '*.srt', 'high'],
  ['a=b/*=skip', 'a=b/*', 'skip']
])('%s', (text, glob, priority) => {
  expect(parsePriority(text)).toEqual({ glob, priority })
})

test.each(['*.srt', '=high', '*.srt=', '*.srt=urgent', ''])('%j is refused, with an example', (text) => {
  expect(() => parsePriority(text)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }))
})
