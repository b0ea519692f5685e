import fc from 'fast-check'
import { encode } from 'cborg'
import { describe, expect, it } from 'vitest'
import { MAX_ENTRIES, MAX_LEAVES } from '../../src/constants.ts'
import { decodeFingerprints, encodeFingerprints, MAX_FINGERPRINTS_BYTES } from '../../src/store/fingerprint-codec.ts'
import { createFingerprints } from '../../src/store/fingerprint.ts'
import {
  decodeShareRecord,
  encodeShareRecord,
  MAX_LOCATION_LENGTH,
  MAX_RECORD_BYTES
} from '../../src/store/share-record.ts'
import type { ShareRecord } from '../../src/store/share-record.ts'
import { rawCID } from './fake-share.ts'

const FILES = 50

const name = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => !text.includes('\0'))

const record: fc.Arbitrary<ShareRecord> = fc.record(
  {
    root: fc.uint8Array().map((bytes) => rawCID(bytes)),
    name,
    path: name.map((text) => `/${text}`),
    kind: fc.constantFrom('file', 'directory'),
    bytes: fc.maxSafeNat(),
    files: fc.constant(FILES),
    leaves: fc.nat(MAX_LEAVES),
    profile: fc.constantFrom('unixfs-v1-2025', 'unixfs-v0-2015'),
    addedAt: fc.maxSafeNat(),
    complete: fc.boolean(),
    wanted: fc.uniqueArray(fc.nat(FILES - 1)).map((indices) => indices.sort((a, b) => a - b))
  },
  { requiredKeys: ['root', 'name', 'path', 'kind', 'bytes', 'files', 'leaves', 'addedAt', 'complete'] }
)

const invalid = expect.objectContaining({ code: 'ERR_INVALID_MESSAGE' }) as unknown

/** The result of a decoder, or the error; anything but its own error fails the test. */
function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch (error) {
    expect(error).toEqual(invalid)
    return undefined
  }
}

describe('a share record', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(record, (written) => {
        expect(decodeShareRecord(encodeShareRecord(written))).toEqual(written)
      }),
      { numRuns: 200, seed: 1 }
    )
  })

  it('is not read from a truncation, nor read as another one after a flipped bit', () => {
    fc.assert(
      fc.property(record, fc.nat(), (written, at) => {
        const bytes = encodeShareRecord(written)
        // the last byte is the end of the line
        const cut = at % (bytes.byteLength - 1)
        expect(attempt(() => decodeShareRecord(bytes.subarray(0, cut)))).toBeUndefined()
        const bit = at % (bytes.byteLength * 8)
        const bad = Uint8Array.from(bytes)
        bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const found = attempt(() => decodeShareRecord(bad))
        expect([undefined, written]).toContainEqual(found)
      }),
      { numRuns: 300, seed: 2 }
    )
  })

  it('is not read from anything else', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text))
        ),
        (bytes) => {
          expect(attempt(() => decodeShareRecord(bytes))).toBeUndefined()
        }
      ),
      { numRuns: 500, seed: 3 }
    )
  })

  const sample: ShareRecord = {
    root: rawCID(Buffer.from('x')),
    name: 'n',
    path: '/p',
    kind: 'file',
    bytes: 1,
    files: 1,
    leaves: 1,
    addedAt: 1,
    complete: true
  }

  it.each([
    ['entries', { files: MAX_ENTRIES }, { files: MAX_ENTRIES + 1 }],
    ['leaves', { leaves: MAX_LEAVES }, { leaves: MAX_LEAVES + 1 }],
    ['characters of a name', { name: 'n'.repeat(255) }, { name: 'n'.repeat(256) }],
    [
      'characters of a path',
      { path: `/${'p'.repeat(MAX_LOCATION_LENGTH - 1)}` },
      { path: `/${'p'.repeat(MAX_LOCATION_LENGTH)}` }
    ],
    ['wanted files', { wanted: [0] }, { wanted: [1] }]
  ] as const)('has as many %s as it may, and not one more', (_, fits, exceeds) => {
    expect(attempt(() => decodeShareRecord(encodeShareRecord({ ...sample, ...fits })))).toBeDefined()
    expect(attempt(() => decodeShareRecord(encodeShareRecord({ ...sample, ...exceeds })))).toBeUndefined()
  })

  it('with the worst selection of a million files fits into MAX_RECORD_BYTES, and a larger file is not parsed', () => {
    const wanted = Array.from({ length: MAX_ENTRIES / 2 }, (_, nth) => nth * 2)
    const bytes = encodeShareRecord({ ...sample, files: MAX_ENTRIES, wanted })
    expect(bytes.byteLength).toBeLessThanOrEqual(MAX_RECORD_BYTES)
    expect(decodeShareRecord(bytes).wanted).toHaveLength(MAX_ENTRIES / 2)
    expect(attempt(() => decodeShareRecord(new Uint8Array(MAX_RECORD_BYTES + 1)))).toBeUndefined()
  })
})

describe('fingerprints', () => {
  const pair = fc.tuple(fc.double(), fc.double({ noNaN: true }))

  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 20 }), (pairs) => {
        const written = {
          mtimeMs: Float64Array.from(pairs, ([mtimeMs]) => mtimeMs),
          ino: Float64Array.from(pairs, ([, ino]) => ino)
        }
        expect(decodeFingerprints(encodeFingerprints(written), pairs.length)).toEqual(written)
      }),
      { numRuns: 100, seed: 4 }
    )
  })

  it('are not read from a truncation, with a bit flipped, or for another number of files', () => {
    const written = { mtimeMs: Float64Array.of(1.5, 2.5), ino: Float64Array.of(3, 4) }
    const bytes = encodeFingerprints(written)
    for (let length = 0; length < bytes.byteLength; length++) {
      expect(attempt(() => decodeFingerprints(bytes.subarray(0, length), 2))).toBeUndefined()
    }
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
      const bad = bytes.slice()
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(attempt(() => decodeFingerprints(bad, 2))).toBeUndefined()
    }
    expect(attempt(() => decodeFingerprints(bytes, 1))).toBeUndefined()
    expect(attempt(() => decodeFingerprints(bytes, 3))).toBeUndefined()
  })

  it('are not read from anything else', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.jsonValue().map((value) => encode(value))
        ),
        (bytes) => attempt(() => decodeFingerprints(bytes, 1)) === undefined
      ),
      { numRuns: 500, seed: 5 }
    )
  })

  it('of a million files fit into MAX_FINGERPRINTS_BYTES, and a larger file is not decoded', () => {
    const bytes = encodeFingerprints(createFingerprints(MAX_ENTRIES))
    expect(bytes.byteLength).toBeLessThanOrEqual(MAX_FINGERPRINTS_BYTES)
    expect(decodeFingerprints(bytes, MAX_ENTRIES).ino).toHaveLength(MAX_ENTRIES)
    expect(attempt(() => decodeFingerprints(new Uint8Array(MAX_FINGERPRINTS_BYTES + 1), 1))).toBeUndefined()
  })
})
