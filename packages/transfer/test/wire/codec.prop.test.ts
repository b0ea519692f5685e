import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts'
import { MAX_CONTROL_BYTES } from '../../src/wire/limits.ts'
import { messages, plain } from './support/arbitrary.ts'
import { refusal } from './support/refusal.ts'

test('every message is read as it was written, and written the same again', () => {
  fc.assert(
    fc.property(messages, (message) => {
      const bytes = encodeMessage(message)
      expect(bytes.byteLength).toBeLessThanOrEqual(MAX_CONTROL_BYTES)
      const read = decodeMessage(bytes)
      expect(plain(read)).toEqual(plain(message))
      expect(encodeMessage(read)).toEqual(bytes)
    }),
    { numRuns: 500 }
  )
})

test('a message that was cut anywhere is refused', () => {
  fc.assert(
    fc.property(messages, (message) => {
      const bytes = encodeMessage(message)
      for (let length = 0; length < bytes.byteLength; length++) {
        expect(refusal(() => decodeMessage(bytes.subarray(0, length)))).toBeDefined()
      }
    }),
    { numRuns: 60 }
  )
})

test('10,000 random inputs, half of them a valid message with a few bytes changed, raise nothing but InvalidMessageError', () => {
  const damaged = fc
    .tuple(messages, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }))
    .map(([message, changes]) => {
      const bytes = encodeMessage(message)
      for (const [at, value] of changes) {
        bytes[at % bytes.byteLength] = value
      }
      return bytes
    })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
      refusal(() => decodeMessage(bytes))
    }),
    { numRuns: 10_000 }
  )
})

test('what is accepted is inside every bound', () => {
  const soup = fc
    .tuple(
      fc.constantFrom(0x0a, 0x12, 0x1a, 0x22, 0x2a, 0x32, 0x3a, 0x42, 0x4a, 0x52, 0x5a),
      fc.uint8Array({ maxLength: 24 })
    )
    .map(([tag, body]) => Uint8Array.of(tag, body.byteLength, ...body))
  fc.assert(
    fc.property(soup, (bytes) => {
      const held: { message?: ReturnType<typeof decodeMessage> } = {}
      refusal(() => (held.message = decodeMessage(bytes)))
      if (held.message !== undefined) {
        // our own encoder and decoder agree on it: nothing out of bounds got through
        expect(plain(decodeMessage(encodeMessage(held.message)))).toEqual(plain(held.message))
      }
    }),
    { numRuns: 2000 }
  )
})
