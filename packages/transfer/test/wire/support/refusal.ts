import { InvalidMessageError } from '@p2pshare/interface'
import { expect } from 'vitest'

/** What a decoder threw, which is always the one error that callers are promised; `undefined`: it took the bytes. */
export function refusal(decode: () => unknown): InvalidMessageError | undefined {
  try {
    decode()
    return undefined
  } catch (error) {
    if (!(error instanceof InvalidMessageError)) {
      expect(error, 'only InvalidMessageError may be thrown').toBeInstanceOf(InvalidMessageError)
    }
    return error as InvalidMessageError
  }
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'))
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
