import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_ADDRESS_BYTES, NONCE_BYTES } from '../../../src/reachability/constants.ts'
import {
  decodeAnswer,
  decodeAsk,
  decodeProof,
  encodeAnswer,
  encodeAsk,
  encodeProof
} from '../../../src/reachability/dial-back/wire.ts'
import { Ask } from '../../../src/reachability/wire/messages.ts'

const nonce = new Uint8Array(NONCE_BYTES).fill(7)
const address = multiaddr('/ip4/5.5.1.1/tcp/4001')

test('messages survive the wire', () => {
  expect(decodeAsk(encodeAsk({ address, nonce }))).toMatchObject({ nonce })
  expect(decodeAsk(encodeAsk({ address, nonce })).address.toString()).toBe(address.toString())
  expect(decodeProof(encodeProof(nonce))).toEqual(nonce)
  for (const result of ['ok', 'unreachable', 'refused', 'try-later'] as const) {
    expect(decodeAnswer(encodeAnswer(result))).toBe(result)
  }
})

test('a nonce has its length', () => {
  for (const length of [0, NONCE_BYTES - 1, NONCE_BYTES + 1]) {
    expect(() => decodeProof(encodeProof(new Uint8Array(length)))).toThrow('nonce')
    expect(() => decodeAsk(encodeAsk({ address, nonce: new Uint8Array(length) }))).toThrow('nonce')
  }
})

test(`an address has at most ${MAX_ADDRESS_BYTES} bytes`, () => {
  // a name of so many bytes, with two for its code and length and three more for the port
  const named = (bytes: number) => multiaddr(`/dns4/${'a'.repeat(bytes - 6)}/tcp/1`)
  const longest = named(MAX_ADDRESS_BYTES)
  expect(longest.bytes.byteLength).toBe(MAX_ADDRESS_BYTES)
  expect(decodeAsk(encodeAsk({ address: longest, nonce })).address.equals(longest)).toBe(true)
  expect(() => decodeAsk(encodeAsk({ address: named(MAX_ADDRESS_BYTES + 1), nonce }))).toThrow('257 bytes')
  expect(() => decodeAsk(Ask.encode({ nonce }))).toThrow('0 bytes')
})

test('an answer without a status is none', () => {
  expect(() => decodeAnswer(new Uint8Array())).toThrow('without a status')
})

test('no bytes make a decoder throw anything but InvalidMessageError', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.constantFrom(decodeAsk, decodeAnswer, decodeProof),
      (bytes, decode) => {
        try {
          decode(bytes)
        } catch (error) {
          expect((error as Error).name).toBe('InvalidMessageError')
        }
      }
    ),
    { numRuns: 60, seed: 4 }
  )
})
