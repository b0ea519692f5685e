import { expect, test } from 'vitest'
import { anchors, codeBlocks, links } from '../src/markdown.ts'

const PAGE = [
  '# Title: one `two`',
  '[a](./a.md#b) and `[not](a-link)` ![i](i.png "t")',
  '```ts no-run',
  'const x = "[no](link)"',
  '```',
  '~~~~md',
  '```ts',
  'inner',
  '```',
  '~~~~',
  '## Same',
  '## Same',
  '[ref]: other.md'
].join('\n')

test('finds blocks with language, flags and line; a fence inside a longer fence is text', () => {
  expect(codeBlocks(PAGE)).toEqual([
    { language: 'ts', flags: ['no-run'], code: 'const x = "[no](link)"\n', line: 3 },
    { language: 'md', flags: [], code: '```ts\ninner\n```\n', line: 6 }
  ])
})

test('finds links in prose only', () => {
  expect(links(PAGE)).toEqual([
    { target: './a.md#b', line: 2 },
    { target: 'i.png', line: 2 },
    { target: 'other.md', line: 13 }
  ])
})

test('makes the anchors of headings, numbered when they repeat', () => {
  expect([...anchors(PAGE)]).toEqual(['title-one-two', 'same', 'same-1'])
})
