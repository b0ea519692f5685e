import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import type { Claim, MembershipMessage } from '../../src/membership/types.ts'
import { decodeMessage, encodeMessage } from '../../src/wire/frame-codec.ts'

const id = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const claims = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 4 })
  .map((wires) =>
    wires.map((wire): Claim => ({ kind: 'left', subject: 0, incarnation: 1, signer: 0, id: 1, bytes: 1, wire }))
  )
const message: fc.Arbitrary<MembershipMessage> = fc.oneof(
  fc.record({
    type: fc.constantFrom('ping' as const, 'ack' as const),
    nonce: fc.nat({ max: 255 }),
    ids: fc.array(id, { maxLength: 64 }),
    claims
  }),
  fc.record({ type: fc.constant('push' as const), hops: fc.integer({ min: 1, max: 255 }), claims }),
  fc.record({ type: fc.constant('want' as const), ids: fc.array(id, { maxLength: 64 }) }),
  fc.record({
    type: fc.constant('digest' as const),
    members: fc.nat({ max: 16_384 }),
    buckets: fc.array(fc.nat({ max: 2 ** 32 - 1 }), { maxLength: 64 })
  }),
  fc.record({
    type: fc.constant('summary' as const),
    of: fc.constant(1024),
    buckets: fc.array(fc.nat({ max: 1023 }), { maxLength: 64 }),
    ids: fc.array(id, { maxLength: 100 }),
    answer: fc.boolean()
  }),
  fc.record({ type: fc.constant('sync' as const), claims, done: fc.boolean() })
)

test.prop([message], { numRuns: 100 })('what is encoded is decoded to the same', (sent) => {
  const expected = 'claims' in sent ? { ...sent, claims: sent.claims.map(({ wire }) => Buffer.from(wire)) } : sent
  const got = decodeMessage(encodeMessage(sent))
  expect('claims' in got ? { ...got, claims: got.claims.map((wire) => Buffer.from(wire)) } : got).toEqual(expected)
})

test.prop([fc.uint8Array({ maxLength: 400 })], { numRuns: 100 })(
  'random bytes are a message or a typed error',
  (bytes) => {
    expect(outcome(bytes)).toMatch(/^(message|InvalidMessageError)$/)
  }
)

test.prop([message, fc.nat(), fc.nat({ max: 255 })], { numRuns: 100 })(
  'a message with one byte changed is a message or a typed error',
  (sent, at, value) => {
    const bytes = encodeMessage(sent)
    bytes[at % bytes.byteLength] = value
    expect(outcome(bytes)).toMatch(/^(message|InvalidMessageError)$/)
  }
)

function outcome(bytes: Uint8Array): string {
  try {
    decodeMessage(bytes)
    return 'message'
  } catch (error) {
    return (error as Error).name
  }
}
