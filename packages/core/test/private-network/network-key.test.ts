import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  MAX_NETWORK_KEY_FILE_BYTES,
  createNetworkKey,
  loadNetworkKey,
  weaknessOf
} from '../../src/private-network/network-key.ts'
import { tempDirectory } from '../temp.ts'

const HEAD = '/key/swarm/psk/1.0.0/\n/base16/\n'
const HEX = '00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0'

async function keyFile(text: string, mode = 0o600): Promise<string> {
  const path = join(await tempDirectory(), 'swarm.key')
  await writeFile(path, text, { mode })
  await chmod(path, mode)
  return path
}

test('a new key is readable by its owner alone, differs from others, and loads', async () => {
  const directory = await tempDirectory()
  const [one, two] = [join(directory, 'one'), join(directory, 'two')]
  const created = await createNetworkKey(one)
  const other = await createNetworkKey(two)
  expect((await stat(one)).mode & 0o777).toBe(0o600)
  expect(created.fingerprint).toMatch(/^[\da-f]{16}$/u)
  expect(other.fingerprint).not.toBe(created.fingerprint)
  expect(await loadNetworkKey(one)).toEqual(created)
})

test('a key is never written over a file', async () => {
  const path = await keyFile('precious')
  await expect(createNetworkKey(path)).rejects.toMatchObject({ code: 'ERR_NETWORK_KEY_EXISTS' })
  expect(await readFile(path, 'utf8')).toBe('precious')
})

test('where no file can be written or read, it says so', async () => {
  const directory = await tempDirectory()
  const path = join(directory, 'not-there', 'swarm.key')
  await expect(createNetworkKey(path)).rejects.toMatchObject({ code: 'ERR_NETWORK_KEY_NOT_WRITTEN', errno: 'ENOENT' })
  await chmod(directory, 0o700)
  await expect(loadNetworkKey(directory)).rejects.toMatchObject({ code: 'ERR_INVALID_NETWORK_KEY', path: directory })
})

test.runIf(process.platform !== 'win32')('a key that others can read is not used', async () => {
  const path = await keyFile(`${HEAD}${HEX}`, 0o640)
  await expect(loadNetworkKey(path)).rejects.toMatchObject({ code: 'ERR_NETWORK_KEY_PERMISSIONS', fault: 'user' })
})

test.each([
  ['no file', undefined],
  ['nothing', ''],
  ['another kind of key', `/key/swarm/psk/2.0.0/\n/base16/\n${HEX}`],
  ['another base', `/key/swarm/psk/1.0.0/\n/base64/\n${HEX}`],
  ['a short key', `${HEAD}${HEX.slice(2)}`],
  ['a long key', `${HEAD}${HEX}00`],
  ['more lines', `${HEAD}${HEX}\nmore`],
  ['one byte again and again', `${HEAD}${'ab'.repeat(32)}`],
  ['counting', `${HEAD}${Buffer.from(Array.from({ length: 32 }, (_, n) => n + 100)).toString('hex')}`],
  ['a password', `${HEAD}${Buffer.from('correct horse battery staple!123').toString('hex')}`]
])('%s is no key', async (_, text) => {
  const path = text === undefined ? join(await tempDirectory(), 'none') : await keyFile(text)
  await expect(loadNetworkKey(path)).rejects.toMatchObject({ code: 'ERR_INVALID_NETWORK_KEY', path })
})

test('a file as other programs write it loads, up to MAX_NETWORK_KEY_FILE_BYTES', async () => {
  const text = `${HEAD}${HEX}`.replaceAll('\n', '\r\n')
  const full = text.padEnd(MAX_NETWORK_KEY_FILE_BYTES, '\n')
  await expect(loadNetworkKey(await keyFile(full))).resolves.toBeDefined()
  await expect(loadNetworkKey(await keyFile(`${full}\n`))).rejects.toMatchObject({ code: 'ERR_INVALID_NETWORK_KEY' })
})

test('no random key is weak', () => {
  expect(Array.from({ length: 2_000 }, () => weaknessOf(randomBytes(32))).filter(Boolean)).toEqual([])
})
