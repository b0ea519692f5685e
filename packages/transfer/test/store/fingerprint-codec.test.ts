import { encode } from 'cborg'
import { expect, test } from 'vitest'
import { decodeFingerprints, encodeFingerprints, MAX_FINGERPRINTS_ELEMENTS } from '../../src/store/fingerprint-codec.ts'

test('fingerprints have MAX_FINGERPRINTS_ELEMENTS elements, and with one more are not decoded', () => {
  const fingerprints = { mtimeMs: Float64Array.of(1, 2), ino: Float64Array.of(3, 4) }
  expect(decodeFingerprints(encodeFingerprints(fingerprints), 2)).toEqual(fingerprints)
  const elements = (count: number): Uint8Array => encode(new Array(count - 1).fill(0))
  expect(() => decodeFingerprints(elements(MAX_FINGERPRINTS_ELEMENTS), 2)).toThrow(/another version/)
  expect(() => decodeFingerprints(elements(MAX_FINGERPRINTS_ELEMENTS + 1), 2)).toThrow(
    expect.objectContaining({
      cause: expect.objectContaining({ message: expect.stringMatching(/elements/) as string }) as Error
    })
  )
})
