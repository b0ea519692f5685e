import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { TAG_BYTES } from './constants.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const DOMAIN = Buffer.from('p2pshare private leaf 1\n')

/** Which leaf of a share is meant; no two have the same place. */
export interface SealedPlace {
  readonly part: 'manifest' | 'data'
  /** Number of the file in the manifest, empty ones not counted; 0 for the manifest. Below 2^24. */
  readonly file: number
  /** Number of the leaf in that file. */
  readonly leaf: number
}

/**
 * Seals and opens the leaves of one share. The nonce is the leaf's place and the key belongs to this share alone, so a
 * nonce meets a second plaintext only when a file was edited: whoever seals compares the hash of what comes out with the
 * leaf's CID, and lets nothing out that differs. The same bytes always seal to the same bytes.
 */
export class LeafCipher {
  readonly #key: KeyObject
  readonly #id: Uint8Array

  /** @param id - the share's own, in the associated data of every leaf. */
  constructor(key: KeyObject, id: Uint8Array) {
    this.#key = key
    this.#id = id
  }

  /** The leaf as others see it: `TAG_BYTES` longer. */
  seal(place: SealedPlace, data: Uint8Array): Uint8Array {
    const nonce = nonceOf(place)
    const cipher = createCipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(this.#associated(nonce))
    const sealed = new Uint8Array(data.byteLength + TAG_BYTES)
    sealed.set(cipher.update(data))
    cipher.final()
    sealed.set(cipher.getAuthTag(), data.byteLength)
    return sealed
  }

  /** What was sealed; `undefined` when it was not sealed with this key, for this share and this place. */
  open(place: SealedPlace, sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.byteLength < TAG_BYTES) {
      return undefined
    }
    const nonce = nonceOf(place)
    const end = sealed.byteLength - TAG_BYTES
    const decipher = createDecipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(this.#associated(nonce))
    decipher.setAuthTag(sealed.subarray(end))
    const data = decipher.update(sealed.subarray(0, end))
    try {
      decipher.final()
      return data
    } catch {
      return undefined
    }
  }

  #associated(nonce: Uint8Array): Uint8Array {
    return Buffer.concat([DOMAIN, this.#id, nonce])
  }
}

/** One byte for the part, three for the file, eight for the leaf. */
function nonceOf({ part, file, leaf }: SealedPlace): Uint8Array {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeUInt8(part === 'manifest' ? 1 : 2, 0)
  nonce.writeUIntBE(file, 1, 3)
  nonce.writeBigUInt64BE(BigInt(leaf), 4)
  return nonce
}
