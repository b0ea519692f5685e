import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { edited, EDITS, prefixesOf } from '../src/bundle-edits.ts'
import { ROOT } from '../src/workspace.ts'

test('every edit has its place in the packages that are installed', async () => {
  for (const edit of EDITS) {
    const text = await readFile(join(ROOT, 'node_modules', edit.file), 'utf8')
    expect(edited(text, edit)).not.toContain(edit.find)
  }
})

test('an edit whose place is gone fails', () => {
  expect(() => edited('let a', { file: 'x.js', find: 'let b', put: '' })).toThrow('x.js has no "let b" any more')
})

test('public keys are what they are without the edit', async () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' })
  const body = EDITS.find(({ put }) => put.includes('createPublicKey'))?.put ?? ''
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the text is what a bundle runs
  const derive = new Function('crypto', 'uint8arrayFromString', 'privateKey', body) as (
    crypto: unknown,
    fromString: (text: string, encoding: BufferEncoding) => Uint8Array,
    key: Uint8Array
  ) => Uint8Array
  const got = derive({ createPublicKey }, (text, encoding) => Buffer.from(text, encoding), Buffer.from(d, 'base64url'))
  expect(Buffer.from(got).toString('base64url')).toBe(x)
})

test('the prefixes are the numbers of the module', async () => {
  const path = '@libp2p/kad-dht/dist/src/routing-table/generated-prefix-list.js'
  const numbers = JSON.parse(prefixesOf(await readFile(join(ROOT, 'node_modules', path), 'utf8'))) as number[]
  const { default: expected } = (await import(join(ROOT, 'node_modules', path))) as { default: number[] }
  expect(numbers).toEqual(expected)
  expect(numbers).toHaveLength(65_536)
  expect(() => prefixesOf('export default () => []')).toThrow()
})
