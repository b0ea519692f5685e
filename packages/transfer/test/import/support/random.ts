import { createCipheriv, createHash } from 'node:crypto'

const ZEROS = Buffer.alloc(1024 * 1024)

/**
 * The bytes that Kubo's tests make from a seed (`testutils.DeterministicRandomReader`): the ChaCha20 key stream of the
 * seed's SHA-256 with a zero nonce.
 */
export class KuboRandom {
  readonly #cipher

  constructor(seed: string) {
    this.#cipher = createCipheriv('chacha20', createHash('sha256').update(seed).digest(), Buffer.alloc(16))
  }

  bytes(length: number): Buffer {
    return this.#cipher.update(length <= ZEROS.byteLength ? ZEROS.subarray(0, length) : Buffer.alloc(length))
  }
}

/** Any bytes that differ from file to file and from chunk to chunk. */
export function patterned(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 4) * 7 + seed * 101) & 0xff)
}
