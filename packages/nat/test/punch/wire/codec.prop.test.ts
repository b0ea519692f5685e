import { fc, test } from '@fast-check/vitest'
import { InvalidMessageError } from '@p2pshare/interface'
import { describe, expect, test as it } from 'vitest'
import { MAX_CANDIDATES, MAX_MESSAGE_BYTES, MAX_NATS, MAX_WAYS, UPGRADE_TRIES } from '../../../src/punch/constants.ts'
import { ALL_STRATEGIES } from '../../../src/punch/index.ts'
import type { Candidate as OneCandidate, Description, NatView, PunchMessage } from '../../../src/punch/types.ts'
import { decodePunch, encodePunch } from '../../../src/punch/wire/codec.ts'
import { Candidate, Punch } from '../../../src/punch/wire/messages.ts'
import { ipFromBytes } from '../../../src/stun/ip.ts'
import { candidate } from '../support/descriptions.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const host = fc.oneof(bytes(4), bytes(16)).map(ipFromBytes)
const candidates: fc.Arbitrary<OneCandidate> = fc
  .record({
    kind: fc.constantFrom('interface', 'open', 'forwarded', 'outside'),
    transport: fc.constantFrom('udp', 'tcp'),
    host,
    port: fc.integer({ min: 1, max: 65_535 })
  })
  .map((fields) => ({ ...fields, family: fields.host.includes(':') ? 6 : 4 }) as const)
const behaviours = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const
const nats: fc.Arbitrary<NatView> = fc.record(
  {
    family: fc.constantFrom(4, 6),
    udp: fc.boolean(),
    mapping: fc.constantFrom('none', ...behaviours),
    filtering: fc.constantFrom(...behaviours),
    pool: fc
      .tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 65_535 }))
      .map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b) })),
    changesPorts: fc.constant(true as const)
  },
  { requiredKeys: ['family', 'udp'] }
)
const about: fc.Arbitrary<Description> = fc.record({
  candidates: fc.array(candidates, { maxLength: MAX_CANDIDATES }),
  nats: fc.array(nats, { maxLength: MAX_NATS }),
  streamIds: fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: UPGRADE_TRIES }),
  ways: fc.uniqueArray(fc.constantFrom(...ALL_STRATEGIES))
})
const message: fc.Arbitrary<PunchMessage> = fc.oneof(
  fc.record({ type: fc.constant('ask'), attempt: bytes(8), secret: bytes(16), about }),
  fc.record({ type: fc.constant('answer'), secret: bytes(16), about }),
  fc.constant({ type: 'go' } as const),
  fc.record({ type: fc.constant('refused'), refusal: fc.constantFrom('busy', 'superseded') })
)

function plain(value: PunchMessage): unknown {
  return JSON.parse(JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? [...part] : part)))
}

describe('punch messages', () => {
  test.prop([message], { numRuns: 100, seed: 4 })(
    'are read as they were written, and stay under the limit',
    (original) => {
      const encoded = encodePunch(original)
      expect(encoded.byteLength).toBeLessThanOrEqual(MAX_MESSAGE_BYTES)
      expect(plain(decodePunch(encoded))).toEqual(plain(original))
    }
  )

  test.prop([fc.uint8Array({ maxLength: 300 })], { numRuns: 100, seed: 4 })(
    'of random bytes are refused or read',
    (random) => {
      try {
        decodePunch(random)
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidMessageError)
      }
    }
  )

  test.prop([message], { numRuns: 20, seed: 4 })('cut short are refused or read, never anything else', (original) => {
    const encoded = encodePunch(original)
    for (let length = 0; length < encoded.byteLength; length++) {
      try {
        decodePunch(encoded.subarray(0, length))
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidMessageError)
      }
    }
  })
})

const secret = new Uint8Array(16)
const attempt = new Uint8Array(8)
const wireCandidate = { kind: 4, transport: Candidate.Transport.UDP, host: Uint8Array.of(5, 5, 1, 1), port: 1 }
const ask: Partial<Punch> = { type: Punch.Type.ASK, secret, attempt }

function decodeWire(fields: object): unknown {
  return decodePunch(Punch.encode({ ...ask, ...fields }))
}

it.each([
  ['candidates', Array.from({ length: MAX_CANDIDATES }, () => wireCandidate), wireCandidate],
  ['nats', Array.from({ length: MAX_NATS }, () => ({ family: 4 })), { family: 4 }],
  ['streamIds', Array.from({ length: UPGRADE_TRIES }, (_, index) => index + 1), 99],
  ['ways', Array.from({ length: MAX_WAYS }, () => 1), 1]
] as const)('as many %s as the limit are read, and not one more', (field, most, another) => {
  expect(() => decodeWire({ [field]: most })).not.toThrow()
  expect(() => decodeWire({ [field]: [...most, another] })).toThrow(InvalidMessageError)
})

/** A field of that many bytes. */
function field(number: number, content: readonly number[]): number[] {
  return [number * 8 + 2, content.length, ...content]
}

it('lists of numbers are read packed too, as other implementations of proto3 write them', () => {
  const plainAsk = [...Punch.encode(ask)]
  const packed = Uint8Array.from([...plainAsk, ...field(6, [7, 0x80, 0x01]), ...field(7, [6, 10])])
  expect(decodePunch(packed)).toMatchObject({ about: { streamIds: [7, 128], ways: ['udp-punch', 'webrtc'] } })
  expect(decodePunch(packed)).toEqual(decodeWire({ streamIds: [7, 128], ways: [6, 10] }))
})

it('as many numbers of a packed list as the limit are read, and not one more', () => {
  const most = Array.from({ length: UPGRADE_TRIES }, (_, index) => index + 1)
  const packed = (ids: readonly number[]): Uint8Array => Uint8Array.from([...Punch.encode(ask), ...field(6, ids)])
  expect(() => decodePunch(packed(most))).not.toThrow()
  expect(() => decodePunch(packed([...most, 99]))).toThrow(InvalidMessageError)
})

it('a message of the longest length is read, and not one byte more', () => {
  const encoded = Punch.encode(ask)
  // an unknown field of bytes fills it up
  const padded = (length: number): Uint8Array => {
    const filler = length - encoded.byteLength - 4
    const result = new Uint8Array(length)
    result.set(encoded)
    result.set([0xfa, 0x01, (filler & 0x7f) | 0x80, filler >> 7], encoded.byteLength)
    return result
  }
  expect(decodePunch(padded(MAX_MESSAGE_BYTES)).type).toBe('ask')
  expect(() => decodePunch(padded(MAX_MESSAGE_BYTES + 1))).toThrow(/at most/)
})

it.each([
  ['no type', { type: 'UNSPECIFIED' }],
  ['a secret of another length', { secret: new Uint8Array(15) }],
  ['an attempt of another length', { attempt: new Uint8Array(9) }],
  ['a host of another length', { candidates: [{ ...wireCandidate, host: new Uint8Array(5) }] }],
  ['port 0', { candidates: [{ ...wireCandidate, port: 0 }] }],
  ['port 65536', { candidates: [{ ...wireCandidate, port: 65_536 }] }],
  ['a family that is none', { nats: [{ family: 5 }] }],
  ['a pool that ends before it begins', { nats: [{ family: 4, poolLow: 2, poolHigh: 1 }] }],
  ['a pool beyond the last port', { nats: [{ family: 4, poolLow: 2, poolHigh: 65_536 }] }],
  ['a stream id twice', { streamIds: [7, 7] }]
])('a message with %s is refused', (_, fields) => {
  expect(() => decodeWire(fields)).toThrow(InvalidMessageError)
})

it('ways and kinds of later versions are ignored', () => {
  const later = { ...wireCandidate, kind: 9 }
  expect(decodeWire({ ways: [1, 77], candidates: [later, wireCandidate] })).toMatchObject({
    about: { ways: ['lan'], candidates: [candidate({ port: 1 })] }
  })
})
