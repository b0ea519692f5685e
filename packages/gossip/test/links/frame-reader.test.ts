import { fc, test as propTest } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { FrameReader, withLength } from '../../src/links/frame-reader.ts'
import { MAX_MESSAGE_BYTES } from '../../src/membership/bounds.ts'

const INVALID = expect.objectContaining({ name: 'InvalidMessageError' })

function framesOf(chunks: readonly Uint8Array[]): Uint8Array[] {
  const reader = new FrameReader()
  const frames: Uint8Array[] = []
  for (const chunk of chunks) {
    reader.push(chunk)
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      frames.push(frame)
    }
  }
  return frames
}

propTest.prop([
  fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 8 }),
  fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 })
])('frames come out as they went in, however the stream is cut', (frames, cuts) => {
  const bytes = Buffer.concat(frames.map(withLength))
  const chunks: Uint8Array[] = []
  for (let at = 0, turn = 0; at < bytes.byteLength; turn++) {
    const size = cuts[turn % cuts.length] ?? 1
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  expect(framesOf(chunks).map((frame) => Buffer.from(frame))).toEqual(frames.map((frame) => Buffer.from(frame)))
})

test('a frame of the largest size is read, one byte more is refused before it has arrived', () => {
  expect(framesOf([withLength(new Uint8Array(MAX_MESSAGE_BYTES))])).toHaveLength(1)
  const head = withLength(new Uint8Array(MAX_MESSAGE_BYTES + 1)).subarray(0, 3)
  expect(() => framesOf([head])).toThrow(INVALID)
})

test.each<[string, Uint8Array]>([
  ['an empty frame', Uint8Array.of(0)],
  ['a length without an end', Uint8Array.of(0x80, 0x80, 0x80, 0x80)],
  ['a length in four bytes', Uint8Array.of(0x81, 0x80, 0x80, 0x00)]
])('%s is refused', (_, bytes) => {
  expect(() => framesOf([bytes])).toThrow(INVALID)
})

test('half a frame is waited for', () => {
  expect(framesOf([Uint8Array.of(5, 1, 2)])).toEqual([])
  expect(framesOf([Uint8Array.of(0x80)])).toEqual([])
})
