import { expect, test } from 'vitest'
import { checkPortable } from '../src/portable.ts'

function files(...paths: string[]) {
  return paths.map((path) => ({ path, bytes: 1, firstLeaf: 0, leafCount: 1 }))
}

test('ordinary names are nothing to tell', () => {
  expect(checkPortable(files('a/b.txt', 'a/c', 'd'), 'linux')).toEqual([])
  expect(checkPortable(files(''), 'win32')).toEqual([])
})

test('names that only Windows refuses are said elsewhere and refused there', () => {
  const paths = files('a:b', 'sub/nul.txt', 'ok', 'end.', 'q?')
  expect(checkPortable(paths, 'linux')).toEqual(['a:b, sub/nul.txt, end. and 1 more cannot be created on Windows'])
  expect(() => checkPortable(paths, 'win32')).toThrow(expect.objectContaining({ code: 'ERR_UNSAFE_PATH' }))
})

test.each(['win32', 'darwin'] as const)('names that fold into one are refused on %s and said elsewhere', (platform) => {
  const paths = files('x/File', 'x/file')
  expect(() => checkPortable(paths, platform)).toThrow(expect.objectContaining({ code: 'ERR_UNSAFE_PATH' }))
  expect(checkPortable(paths, 'linux')).toEqual(['x/File, x/file are one file on Windows and macOS'])
})
