import { execFileSync } from 'node:child_process'
import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { shellCommand, shellQuote } from '../src/shell.ts'

test('plain words stay as they are', () => {
  expect(shellCommand(['p2pshare', 'get', 'bafy123', '-o', './a/b'])).toBe('p2pshare get bafy123 -o ./a/b')
  expect(shellQuote('*.mov')).toBe(`'*.mov'`)
  expect(shellQuote('')).toBe(`''`)
})

test.prop(
  [
    fc.array(
      fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\0', '')),
      { maxLength: 4 }
    )
  ],
  {
    numRuns: 25
  }
)('a shell reads back what was written', (words) => {
  const script = `printf '%s\\0' ${words.map(shellQuote).join(' ')}`
  const read = execFileSync('sh', ['-c', words.length === 0 ? 'true' : script], { encoding: 'utf8' })
  expect(read).toBe(words.map((word) => `${word.toWellFormed()}\0`).join(''))
})
