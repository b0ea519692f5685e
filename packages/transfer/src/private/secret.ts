import { createHash, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto'
import { base32 } from 'multiformats/bases/base32'
import type { CID } from 'multiformats/cid'
import { InvalidTicketError } from '../errors.ts'
import { LeafCipher } from './leaf-cipher.ts'

/** A random number of 128 bits: no two shares have the same. */
export const SHARE_ID_BYTES = 16

/** AES-256. */
export const SHARE_KEY_BYTES = 32

const VERSION = 1
const CHECK_BYTES = 8
const CHECK_AT = 1 + SHARE_ID_BYTES + SHARE_KEY_BYTES
const DOMAIN = 'p2pshare private link 1\n'

/** Lower case, or upper case throughout, as in tickets. */
const FRAGMENT = /^(?:[a-z2-7]+|[A-Z2-7]+)$/u

/**
 * What opens a private share (SPEC.md#private-shares): made at random for each, and told only by its link. Nothing of it
 * shows when it is printed, logged or turned into JSON; `toFragment` is the one way to write it down.
 */
export class ShareSecret {
  readonly #bytes: Uint8Array

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** A new one. */
  static create(): ShareSecret {
    return new ShareSecret(Buffer.concat([Uint8Array.of(VERSION), randomBytes(SHARE_ID_BYTES + SHARE_KEY_BYTES)]))
  }

  /**
   * That of a link to `root`.
   *
   * @throws InvalidTicketError when it belongs to another root, or a character was changed. The message has nothing of it.
   */
  static fromFragment(text: string, root: CID): ShareSecret {
    const bytes = decode(text)
    if (bytes.byteLength !== CHECK_AT + CHECK_BYTES || bytes[0] !== VERSION) {
      throw new InvalidTicketError('the key in the link is cut, or of a later version')
    }
    const secret = bytes.subarray(0, CHECK_AT)
    if (!timingSafeEqual(bytes.subarray(CHECK_AT), checkOf(secret, root))) {
      throw new InvalidTicketError('the key in the link is damaged, or belongs to another share')
    }
    return new ShareSecret(Uint8Array.from(secret))
  }

  /** Whether it is the same; how long that takes says nothing of either. */
  equals(other: ShareSecret): boolean {
    return timingSafeEqual(this.#bytes, other.#bytes)
  }

  /** As it stands behind the `#` of a link to `root`. */
  toFragment(root: CID): string {
    return base32.baseEncode(Buffer.concat([this.#bytes, checkOf(this.#bytes, root)]))
  }

  /** What seals and opens leaves. */
  cipher(): LeafCipher {
    const key = createSecretKey(this.#bytes.subarray(1 + SHARE_ID_BYTES))
    return new LeafCipher(key, this.#bytes.slice(1, 1 + SHARE_ID_BYTES))
  }
}

function decode(text: string): Uint8Array {
  if (!FRAGMENT.test(text)) {
    throw new InvalidTicketError('the key in the link has characters that no key has')
  }
  try {
    return base32.baseDecode(text.toLowerCase())
  } catch {
    // without the cause: its message would quote the key
    throw new InvalidTicketError('the key in the link is cut')
  }
}

/** Binds the key to the root: the halves of two links do not make a third. */
function checkOf(secret: Uint8Array, root: CID): Uint8Array {
  return createHash('sha256').update(DOMAIN).update(root.bytes).update(secret).digest().subarray(0, CHECK_BYTES)
}
