import { describe, expect, test } from 'vitest'
import { MAX_METADATA_BYTES } from '../../src/membership/bounds.ts'
import { claimIdOf, decodeClaim, encodeClaimBody, encodeSignedClaim, signedBytes } from '../../src/wire/claim-codec.ts'
import type { ClaimContent } from '../../src/wire/claim-codec.ts'
import {
  MAX_CLAIM_BODY_BYTES,
  MAX_CLAIM_BYTES,
  MAX_KEY_BYTES,
  MAX_PEER_ID_BYTES,
  MAX_SIGNATURE_BYTES
} from '../../src/wire/limits.ts'
import { ClaimBody } from '../../src/wire/membership.ts'

const INVALID = expect.objectContaining({ name: 'InvalidMessageError' })
const peer = new Uint8Array(38).fill(1)
const other = new Uint8Array(38).fill(2)
const signature = new Uint8Array(64).fill(3)
const wireOf = (body: Uint8Array): Uint8Array => encodeSignedClaim(body, signature)
const { Kind, Evidence } = ClaimBody

test.each<ClaimContent>([
  { kind: 'alive', subject: peer, incarnation: 1, metadata: Uint8Array.of(1, 2) },
  { kind: 'alive', subject: peer, incarnation: Number.MAX_SAFE_INTEGER, metadata: new Uint8Array() },
  { kind: 'left', subject: peer, incarnation: Date.UTC(2026, 1) },
  { kind: 'suspect', subject: peer, incarnation: 7, accuser: other, evidence: 'silent' },
  { kind: 'suspect', subject: peer, incarnation: 7, accuser: other, evidence: 'closed' }
])('a claim comes back as it was signed: %o', (content) => {
  const body = encodeClaimBody(content)
  const decoded = decodeClaim(wireOf(body))
  expect(decoded).toMatchObject(content)
  expect(decoded.body).toEqual(body)
  expect(decoded.signature).toEqual(signature)
  expect(decoded.key).toBeUndefined()
})

test('a claim without metadata is little more than its parts: an id of 38 bytes and a signature of 64', () => {
  const wire = wireOf(encodeClaimBody({ kind: 'alive', subject: peer, incarnation: Date.UTC(2026, 1) }))
  expect(wire.byteLength).toBeLessThanOrEqual(38 + 64 + 16)
})

test('an id depends on what is signed and the network, not on how it was signed', () => {
  const body = encodeClaimBody({ kind: 'left', subject: peer, incarnation: 7 })
  const id = claimIdOf(signedBytes('', body))
  expect(Number.isSafeInteger(id)).toBe(true)
  expect(claimIdOf(signedBytes('', body))).toBe(id)
  expect(claimIdOf(signedBytes('other', body))).not.toBe(id)
  expect(claimIdOf(signedBytes('', encodeClaimBody({ kind: 'left', subject: peer, incarnation: 8 })))).not.toBe(id)
})

test('a network cannot end where the claim of another begins', () => {
  const body = Uint8Array.of(66, 1)
  expect(signedBytes('A', body)).not.toEqual(signedBytes('AB', Uint8Array.of(1)))
})

describe('at the limit it is read, one past it is not', () => {
  const bodyOf = (fields: Partial<ClaimBody>): Uint8Array =>
    ClaimBody.encode({ kind: Kind.ALIVE, subject: peer, incarnation: 1, ...fields })
  test.each<[string, (extra: number) => Uint8Array]>([
    ['subject', (extra) => wireOf(bodyOf({ subject: new Uint8Array(MAX_PEER_ID_BYTES + extra) }))],
    ['metadata', (extra) => wireOf(bodyOf({ metadata: new Uint8Array(MAX_METADATA_BYTES + extra) }))],
    [
      'accuser',
      (extra) =>
        wireOf(
          bodyOf({
            kind: Kind.SUSPECT,
            evidence: Evidence.SILENT,
            accuser: new Uint8Array(MAX_PEER_ID_BYTES + extra)
          })
        )
    ],
    ['signature', (extra) => encodeSignedClaim(bodyOf({}), new Uint8Array(MAX_SIGNATURE_BYTES + extra))],
    ['key', (extra) => encodeSignedClaim(bodyOf({}), signature, new Uint8Array(MAX_KEY_BYTES + extra))],
    ['body', (extra) => wireOf(withBallast(bodyOf({}), MAX_CLAIM_BODY_BYTES + extra))],
    ['claim', (extra) => withBallast(wireOf(bodyOf({})), MAX_CLAIM_BYTES + extra)]
  ])('bytes of %s', (_, make) => {
    expect(() => decodeClaim(make(0))).not.toThrow()
    expect(() => decodeClaim(make(1))).toThrow(INVALID)
  })

  test('incarnation', () => {
    expect(() => decodeClaim(wireOf(bodyOf({ incarnation: Number.MAX_SAFE_INTEGER })))).not.toThrow()
    const past = Buffer.from(bodyOf({ incarnation: Number.MAX_SAFE_INTEGER }))
    // the last byte of the varint, four bits, becomes five
    past[past.indexOf(0x0f, 42)] = 0x1f
    expect(() => decodeClaim(wireOf(past))).toThrow(INVALID)
    expect(() => decodeClaim(wireOf(bodyOf({ incarnation: 0 })))).toThrow(INVALID)
  })

  test.each<[string, Partial<ClaimBody>]>([
    ['no subject', { subject: new Uint8Array() }],
    ['no kind', { kind: Kind.UNSPECIFIED }],
    ['a suspicion without an accuser', { kind: Kind.SUSPECT, evidence: Evidence.SILENT }],
    ['a suspicion without evidence', { kind: Kind.SUSPECT, accuser: other }],
    ['one that is alive with an accuser', { accuser: other }],
    ['one that leaves with evidence', { kind: Kind.LEFT, evidence: Evidence.CLOSED }],
    ['one that leaves with metadata', { kind: Kind.LEFT, metadata: Uint8Array.of(1) }],
    [
      'a suspicion with metadata',
      {
        kind: Kind.SUSPECT,
        accuser: other,
        evidence: Evidence.SILENT,
        metadata: Uint8Array.of(1)
      }
    ]
  ])('%s is refused', (_, fields) => {
    expect(() => decodeClaim(wireOf(bodyOf(fields)))).toThrow(INVALID)
  })
})

test.each<[string, Uint8Array]>([
  ['nothing', new Uint8Array()],
  [
    'no signature',
    encodeSignedClaim(encodeClaimBody({ kind: 'left', subject: peer, incarnation: 1 }), new Uint8Array())
  ],
  ['no body', encodeSignedClaim(new Uint8Array(), signature)],
  ['a body that is none', wireOf(Uint8Array.of(10, 200))],
  ['a wrapper that is none', Uint8Array.of(10, 200)]
])('%s is refused', (_, wire) => {
  expect(() => decodeClaim(wire)).toThrow(INVALID)
})

/** An unknown field that makes it `bytes` long. */
function withBallast(message: Uint8Array, bytes: number): Uint8Array {
  const ballast = bytes - message.byteLength - 3
  return Buffer.concat([
    message,
    Uint8Array.of((15 << 3) | 2, (ballast & 0x7f) | 0x80, ballast >> 7),
    new Uint8Array(ballast)
  ])
}
