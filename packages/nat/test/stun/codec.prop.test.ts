import fc from 'fast-check'
import { isIP } from 'node:net'
import { expect, test } from 'vitest'
import { decodeStun, encodeStun, encodeStunWithin } from '../../src/stun/codec.ts'
import { canonicalIp, ipFromBytes, ipToBytes } from '../../src/stun/ip.ts'
import type { StunMessage } from '../../src/stun/message.ts'

const seed = 20_261_122

const host = fc.oneof(
  fc.ipV4(),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => ipFromBytes(bytes))
)
const address = fc.record({ host, port: fc.integer({ min: 0, max: 65_535 }) })
const message: fc.Arbitrary<StunMessage> = fc.record(
  {
    class: fc.constantFrom('request', 'indication', 'success', 'error'),
    transactionId: fc.uint8Array({ minLength: 12, maxLength: 12 }),
    mapped: address,
    origin: address,
    other: address,
    change: fc.record({ ip: fc.boolean(), port: fc.boolean() }),
    failure: fc.record({ code: fc.integer({ min: 300, max: 699 }), reason: fc.string({ maxLength: 40 }) }),
    unknown: fc.array(fc.integer({ min: 0, max: 0x7fff }), { maxLength: 8 })
  },
  { requiredKeys: ['class', 'transactionId'] }
)

test('a message comes back as it was written, whatever it is filled up to', () => {
  fc.assert(
    fc.property(message, fc.integer({ min: 0, max: 300 }), (one, minBytes) => {
      const { padding: _, notUnderstood, ...back } = decodeStun(encodeStun(one, minBytes))
      expect(back).toEqual(one)
      expect(notUnderstood).toEqual([])
    }),
    { seed, numRuns: 100 }
  )
})

test('a message within a bound is within it and can be read', () => {
  fc.assert(
    fc.property(message, fc.integer({ min: 20, max: 300 }), (one, maxBytes) => {
      const bytes = encodeStunWithin(one, maxBytes)
      if (bytes !== undefined) {
        expect(bytes.byteLength).toBeLessThanOrEqual(maxBytes)
        expect(decodeStun(bytes).class).toBe(one.class)
      }
    }),
    { seed, numRuns: 100 }
  )
})

test('every truncation of a message is invalid, and nothing else is thrown', () => {
  fc.assert(
    fc.property(message, (one) => {
      const bytes = encodeStun(one)
      for (let end = 0; end < bytes.byteLength; end++) {
        expect(() => decodeStun(bytes.subarray(0, end))).toThrow(
          expect.objectContaining({ name: 'InvalidMessageError' })
        )
      }
    }),
    { seed, numRuns: 10 }
  )
})

test('random attributes are read or refused with the one error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, aligned) => {
      const body = aligned ? noise.subarray(0, noise.byteLength & ~3) : noise
      const bytes = new Uint8Array(20 + body.byteLength)
      bytes.set([1, 1, body.byteLength >> 8, body.byteLength & 255, 0x21, 0x12, 0xa4, 0x42])
      bytes.set(body, 20)
      try {
        decodeStun(bytes)
      } catch (error) {
        expect(error).toMatchObject({ name: 'InvalidMessageError' })
      }
    }),
    { seed, numRuns: 100 }
  )
})

test('an IP address has one form, and it leads back to the same bytes', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const canonical = canonicalIp(text)
      expect(isIP(canonical)).not.toBe(0)
      expect(ipToBytes(canonical)).toEqual(ipToBytes(text))
      expect(canonicalIp(canonical)).toBe(canonical)
    }),
    { seed, numRuns: 100 }
  )
})

test.each([
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['::1', '::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1']
])('%s is %s', (text, canonical) => {
  expect(canonicalIp(text)).toBe(canonical)
})
