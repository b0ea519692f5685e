import { randomBytes } from 'node:crypto'
import { link, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { IdentityPermissionsError, InvalidIdentityError } from './errors.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'
import { hasErrno } from './system-error.ts'

/** An 8,192 bit RSA key, the largest that libp2p accepts, is under 5 KiB. */
export const MAX_IDENTITY_BYTES = 16 * 1024

/**
 * The private key in `path`, a libp2p protobuf; a new Ed25519 key is written there first when there is no file.
 *
 * @throws IdentityPermissionsError when others may read it (POSIX systems)
 * @throws InvalidIdentityError when it holds no key
 */
export async function loadOrCreateIdentity(path: string): Promise<PrivateKey> {
  return (await loadIdentity(path)) ?? (await createIdentity(path))
}

async function loadIdentity(path: string): Promise<PrivateKey | undefined> {
  const file = await readPrivateFile(path, MAX_IDENTITY_BYTES)
  switch (file.state) {
    case 'missing':
      return undefined
    case 'shared':
      throw new IdentityPermissionsError(path, file.mode)
    case 'too-large':
      throw new InvalidIdentityError(path, `${file.size} bytes, at most ${MAX_IDENTITY_BYTES}`)
    case 'private':
      return parseIdentity(path, file.bytes)
  }
}

function parseIdentity(path: string, bytes: Uint8Array): PrivateKey {
  try {
    return privateKeyFromProtobuf(bytes)
  } catch (cause) {
    throw new InvalidIdentityError(path, bytes.byteLength === 0 ? 'it is empty' : 'it does not decode', { cause })
  }
}

/** The file appears whole and private, or not at all; when another process was quicker, its key is the identity. */
async function createIdentity(path: string): Promise<PrivateKey> {
  const key = await generateKeyPair('Ed25519')
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  await writePrivateFile(temporary, privateKeyToProtobuf(key))
  try {
    await link(temporary, path)
    await unlink(temporary)
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) {
      await unlink(temporary)
      return (await loadIdentity(path)) ?? (await createIdentity(path))
    }
    // no hard links here
    await rename(temporary, path)
  }
  await syncDirectory(dirname(path))
  return key
}

/** Windows cannot open directories, and does not need it. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') {
    return
  }
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
