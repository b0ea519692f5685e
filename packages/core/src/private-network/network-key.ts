import { createHash, randomBytes } from 'node:crypto'
import { readPrivateFile, writePrivateFile } from '../private-file.ts'
import { errnoOf } from '../system-error.ts'
import {
  InvalidNetworkKeyError,
  NetworkKeyExistsError,
  NetworkKeyNotWrittenError,
  NetworkKeyPermissionsError
} from './errors.ts'

/** A key file has 95 bytes, or a few more with other ends of lines. */
export const MAX_NETWORK_KEY_FILE_BYTES = 1024

const KEY_BYTES = 32

/** Of 32 random bytes, fewer than this many different ones come once in 10^27 keys. */
const MIN_DIFFERENT_BYTES = 12

/** The two lines above the key, as other libp2p programs write them (`swarm.key`). */
const HEAD = ['/key/swarm/psk/1.0.0/', '/base16/'] as const

/** The key of a private network. */
export interface NetworkKey {
  /** The file, as `@libp2p/pnet` takes it. */
  readonly file: Uint8Array
  /** The same for the same key, and of no use to find it: to compare keys by eye. */
  readonly fingerprint: string
}

/**
 * Reads a key file.
 *
 * @throws NetworkKeyPermissionsError when others may read it (POSIX systems)
 * @throws InvalidNetworkKeyError when there is no file, none that can be read, or none with a random key
 */
export async function loadNetworkKey(path: string): Promise<NetworkKey> {
  const file = await readPrivateFile(path, MAX_NETWORK_KEY_FILE_BYTES).catch((cause: unknown) => {
    const errno = errnoOf(cause)
    throw errno === undefined ? cause : new InvalidNetworkKeyError(path, `it cannot be read (${errno})`, { cause })
  })
  switch (file.state) {
    case 'missing':
      throw new InvalidNetworkKeyError(path, 'there is no such file')
    case 'shared':
      throw new NetworkKeyPermissionsError(path, file.mode)
    case 'too-large':
      throw new InvalidNetworkKeyError(path, `${file.size} bytes, at most ${MAX_NETWORK_KEY_FILE_BYTES}`)
    case 'private':
      return toNetworkKey(parseKey(path, Buffer.from(file.bytes).toString('latin1')))
  }
}

/**
 * Writes a new key to a file that only its owner can read.
 *
 * @throws NetworkKeyExistsError when there is a file
 * @throws NetworkKeyNotWrittenError when the system refuses
 */
export async function createNetworkKey(path: string): Promise<NetworkKey> {
  const created = toNetworkKey(randomBytes(KEY_BYTES))
  try {
    await writePrivateFile(path, created.file)
  } catch (cause) {
    const errno = errnoOf(cause)
    if (errno === undefined) {
      throw cause
    }
    throw errno === 'EEXIST'
      ? new NetworkKeyExistsError(path, { cause })
      : new NetworkKeyNotWrittenError(path, errno, { cause })
  }
  return created
}

function parseKey(path: string, text: string): Uint8Array {
  const [kind, base, hex = '', ...rest] = text.split(/\r\n|\r|\n/u)
  if (kind !== HEAD[0] || base !== HEAD[1]) {
    throw new InvalidNetworkKeyError(path, `it does not begin with the lines ${HEAD.join(' and ')}`)
  }
  if (!/^[\da-f]{64}$/iu.test(hex) || rest.some((line) => line.trim() !== '')) {
    throw new InvalidNetworkKeyError(path, `its third and last line is not ${KEY_BYTES} bytes in hex`)
  }
  const key = Buffer.from(hex, 'hex')
  const weakness = weaknessOf(key)
  if (weakness !== undefined) {
    throw new InvalidNetworkKeyError(path, `it is weak: ${weakness}`)
  }
  return key
}

/** What makes a key one that a person chose. A random key is never said to be weak. Pure. */
export function weaknessOf(key: Uint8Array): string | undefined {
  if (new Set(key).size < MIN_DIFFERENT_BYTES) {
    return 'it repeats a few bytes'
  }
  const step = difference(key, 1)
  if (key.every((_, index) => index === 0 || difference(key, index) === step)) {
    return 'each byte follows from the one before'
  }
  return key.every((byte) => byte >= 0x20 && byte < 0x7f) ? 'it is text' : undefined
}

function difference(key: Uint8Array, index: number): number {
  return ((key[index] ?? 0) - (key[index - 1] ?? 0)) & 0xff
}

function toNetworkKey(key: Uint8Array): NetworkKey {
  const hex = Buffer.from(key).toString('hex')
  return {
    file: Buffer.from(`${HEAD.join('\n')}\n${hex}\n`),
    fingerprint: createHash('sha256').update('p2pshare network key\0').update(key).digest('hex').slice(0, 16)
  }
}
