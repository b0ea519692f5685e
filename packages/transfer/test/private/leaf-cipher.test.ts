import { createSecretKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { TAG_BYTES } from '../../src/private/constants.ts'
import { LeafCipher } from '../../src/private/leaf-cipher.ts'
import type { SealedPlace } from '../../src/private/leaf-cipher.ts'

const key = (byte: number) => createSecretKey(new Uint8Array(32).fill(byte))
const id = (byte: number) => new Uint8Array(16).fill(byte)
const cipher = new LeafCipher(key(1), id(2))
const PLACE: SealedPlace = { part: 'data', file: 3, leaf: 4 }
const DATA = new TextEncoder().encode('what nobody else may read')

describe('a sealed leaf', () => {
  const sealed = cipher.seal(PLACE, DATA)

  test('opens to what it was, and is longer by its tag', () => {
    expect(sealed).toHaveLength(DATA.byteLength + TAG_BYTES)
    expect(cipher.open(PLACE, sealed)).toEqual(Buffer.from(DATA))
    expect(cipher.open(PLACE, cipher.seal(PLACE, new Uint8Array()))).toHaveLength(0)
  })

  test('is the same every time, so that its CID is', () => {
    expect(new LeafCipher(key(1), id(2)).seal(PLACE, DATA)).toEqual(sealed)
  })

  test.each<[string, LeafCipher, SealedPlace]>([
    ['with another key', new LeafCipher(key(9), id(2)), PLACE],
    ['for another share', new LeafCipher(key(1), id(9)), PLACE],
    ['as another leaf', cipher, { ...PLACE, leaf: 5 }],
    ['of another file', cipher, { ...PLACE, file: 4 }],
    ['as part of the manifest', cipher, { ...PLACE, part: 'manifest' }]
  ])('does not open %s', (_, other, place) => {
    expect(other.open(place, sealed)).toBeUndefined()
  })

  test('does not open with any bit changed, or cut', () => {
    for (let bit = 0; bit < sealed.byteLength * 8; bit++) {
      const changed = Uint8Array.from(sealed)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit % 8))
      expect(cipher.open(PLACE, changed)).toBeUndefined()
    }
    for (let length = 0; length < sealed.byteLength; length++) {
      expect(cipher.open(PLACE, sealed.subarray(0, length))).toBeUndefined()
    }
  })
})
