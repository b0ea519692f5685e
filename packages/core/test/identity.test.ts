import { chmod, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { expect, test } from 'vitest'
import { MAX_IDENTITY_BYTES, loadOrCreateIdentity } from '../src/identity.ts'
import { tempDirectory } from './temp.ts'

const onPosix = test.skipIf(process.platform === 'win32')

async function identityPath(): Promise<string> {
  return join(await tempDirectory(), 'identity.key')
}

test('the key is made once and is the same ever after', async () => {
  const path = await identityPath()
  const first = await loadOrCreateIdentity(path)
  const second = await loadOrCreateIdentity(path)
  expect(first.type).toBe('Ed25519')
  expect(second.equals(first)).toBe(true)
  expect(await readdir(join(path, '..'))).toEqual(['identity.key'])
})

onPosix('a new file can be read by its owner only, whatever the umask', async () => {
  const before = process.umask(0)
  try {
    const path = await identityPath()
    await loadOrCreateIdentity(path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  } finally {
    process.umask(before)
  }
})

onPosix.each([0o640, 0o604, 0o620, 0o666])('a file with mode %o is refused, with what to do', async (mode) => {
  const path = await identityPath()
  await loadOrCreateIdentity(path)
  await chmod(path, mode)
  await expect(loadOrCreateIdentity(path)).rejects.toMatchObject({
    name: 'IdentityPermissionsError',
    code: 'ERR_IDENTITY_PERMISSIONS',
    path,
    advice: expect.stringContaining('chmod 600') as string
  })
})

onPosix('a file that only its owner may read, and not write, is fine', async () => {
  const path = await identityPath()
  const key = await loadOrCreateIdentity(path)
  await chmod(path, 0o400)
  expect((await loadOrCreateIdentity(path)).equals(key)).toBe(true)
})

test.each([
  ['empty', Buffer.alloc(0)],
  ['text', Buffer.from('hello')],
  ['longer than any key', Buffer.alloc(MAX_IDENTITY_BYTES + 1)]
])('a damaged file (%s) is refused and left as it is', async (_, content) => {
  const path = await identityPath()
  await writeFile(path, content, { mode: 0o600 })
  await expect(loadOrCreateIdentity(path)).rejects.toMatchObject({ name: 'InvalidIdentityError', path })
  expect(await readFile(path)).toEqual(content)
})

test('a file that was cut short is refused', async () => {
  const path = await identityPath()
  const bytes = privateKeyToProtobuf(await generateKeyPair('Ed25519'))
  await writeFile(path, bytes.subarray(0, bytes.byteLength / 2), { mode: 0o600 })
  await expect(loadOrCreateIdentity(path)).rejects.toMatchObject({ code: 'ERR_INVALID_IDENTITY' })
})

test('a key of another type that libp2p knows is used', async () => {
  const path = await identityPath()
  const key = await generateKeyPair('secp256k1')
  await writeFile(path, privateKeyToProtobuf(key), { mode: 0o600 })
  expect((await loadOrCreateIdentity(path)).equals(key)).toBe(true)
})

test('callers that start together get one identity', async () => {
  const path = await identityPath()
  const [first, ...others] = await Promise.all(Array.from({ length: 8 }, async () => loadOrCreateIdentity(path)))
  expect(others.every((key) => first?.equals(key))).toBe(true)
  expect(await readdir(join(path, '..'))).toEqual(['identity.key'])
})
