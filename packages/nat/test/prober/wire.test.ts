import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_ENDPOINTS, MAX_INFO_BYTES } from '../../src/prober/constants.ts'
import {
  decodeObserved,
  decodeStunInfo,
  decodeStunQuery,
  encodeObserved,
  encodeStunInfo,
  encodeStunQuery
} from '../../src/prober/wire/codec.ts'
import { Observed, StunEndpoint, StunInfo, StunQuery } from '../../src/prober/wire/messages.ts'

const invalid = expect.objectContaining({ name: 'InvalidMessageError' })

test('what a node observes comes back', () => {
  const address = multiaddr('/ip4/192.0.2.1/tcp/5')
  const message = decodeObserved(encodeObserved({ address, timeMs: 1_700_000_000_000.7 }))
  expect(message.address.toString()).toBe(address.toString())
  expect(message.timeMs).toBe(1_700_000_000_000)
})

test('the vector of SPEC.md', () => {
  const address = multiaddr('/ip4/192.0.2.1/tcp/4001')
  expect(Buffer.from(encodeObserved({ address, timeMs: 1_800_000_000_000 })).toString('hex')).toBe(
    '0a0804c0000201060fa11080a0f1c2b134'
  )
})

test('a question and its knock come back', () => {
  const knock = { port: 5, transactionId: new Uint8Array(12).fill(9) }
  expect(decodeStunQuery(encodeStunQuery({ knock }))).toEqual({ knock })
  expect(decodeStunQuery(encodeStunQuery({}))).toEqual({})
})

test('the endpoints of a server come back', () => {
  const info = {
    knocked: true,
    endpoints: [
      { family: 4, port: 1, otherPort: 2, otherHost: '192.0.2.2' },
      { family: 6, port: 3, otherHost: '2001:db8::2' }
    ]
  } as const
  expect(decodeStunInfo(encodeStunInfo(info))).toEqual(info)
})

test('a server may name as many endpoints as the bound, and no more', () => {
  const endpoints = (count: number) =>
    Array.from({ length: count }, () => ({ family: StunEndpoint.Family.IP4, port: 5 }))
  expect(
    decodeStunInfo(StunInfo.encode({ knocked: false, endpoints: endpoints(MAX_ENDPOINTS) })).endpoints
  ).toHaveLength(MAX_ENDPOINTS)
  const past = StunInfo.encode({ knocked: false, endpoints: endpoints(MAX_ENDPOINTS + 1) })
  expect(() => decodeStunInfo(past)).toThrow(invalid)
})

test('a message may be as long as the bound, and no longer', () => {
  // an unknown field is left out of account
  const withLength = (length: number): Uint8Array => {
    const bytes = new Uint8Array(length)
    bytes.set([0x7a, ((length - 3) & 0x7f) | 0x80, (length - 3) >> 7])
    return bytes
  }
  expect(decodeStunQuery(withLength(MAX_INFO_BYTES))).toEqual({})
  expect(() => decodeStunQuery(withLength(MAX_INFO_BYTES + 1))).toThrow(invalid)
})

test.each([
  ['a knock without an id', () => decodeStunQuery(StunQuery.encode({ port: 5 }))],
  ['a knock without a port', () => decodeStunQuery(StunQuery.encode({ transaction: new Uint8Array(12) }))],
  ['an id of the wrong length', () => decodeStunQuery(StunQuery.encode({ port: 5, transaction: new Uint8Array(11) }))],
  ['port 65536', () => decodeStunQuery(StunQuery.encode({ port: 65_536, transaction: new Uint8Array(12) }))],
  ['no address', () => decodeObserved(Observed.encode({ time: 1n }))],
  ['an address of nonsense', () => decodeObserved(Observed.encode({ address: Uint8Array.of(9, 9), time: 1n }))],
  ['a time beyond all times', () => decodeObserved(Observed.encode({ address: Uint8Array.of(4), time: 2n ** 60n }))]
])('%s is invalid', (_, decode) => {
  expect(decode).toThrow(invalid)
})

test('random bytes are read or refused with the one error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      for (const decode of [decodeObserved, decodeStunQuery, decodeStunInfo]) {
        try {
          decode(bytes)
        } catch (error) {
          expect(error).toMatchObject({ name: 'InvalidMessageError' })
        }
      }
    }),
    { seed: 2, numRuns: 100 }
  )
})
