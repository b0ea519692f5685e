import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bencode } from '../src/harness/bencode.ts'
import { writeTorrent } from '../src/harness/torrent.ts'

test('dictionaries are encoded in the order of their keys', () => {
  expect(bencode({ b: 1, a: 'x', 'a b': Buffer.from([1]) }).toString('latin1')).toBe('d1:a1:x3:a b1:\u00011:bi1ee')
})

test('a torrent has the hash of every piece', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'bench-test-'))
  onTestFinished(async () => rm(directory, { recursive: true }))
  await writeFile(join(directory, 'f'), 'abcde')
  await writeTorrent(join(directory, 'f'), join(directory, 't'), 4, 'http://x')
  const sha1 = (text: string): Buffer => createHash('sha1').update(text).digest()
  const info = { length: 5, name: 'f', 'piece length': 4, pieces: Buffer.concat([sha1('abcd'), sha1('e')]) }
  expect(await readFile(join(directory, 't'))).toEqual(bencode({ announce: 'http://x', info }))
})
