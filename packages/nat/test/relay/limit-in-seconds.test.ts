import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HOP_LIMIT_FIELD, inSeconds, STOP_LIMIT_FIELD } from '../../src/relay/limit-in-seconds.ts'

const data = [0x10, 0x80, 0x80, 0x80, 0x08] // 16 MiB
const prefixed = (body: readonly number[]): Uint8Array => Uint8Array.from([body.length, ...body])
const limit = (duration: readonly number[]): number[] => {
  const fields = [0x08, ...duration, ...data]
  return [fields.length, ...fields]
}

// 600000 and 600
const [MS, SECONDS] = [
  [0xc0, 0xcf, 0x24],
  [0xd8, 0x04]
] as const

test('a STATUS to who asks has its limit in seconds, and all else as it was', () => {
  const status = (duration: readonly number[]): Uint8Array =>
    prefixed([0x08, 2, 0x1a, 2, 0x08, 9, 0x22, ...limit(duration), 0x28, 100])
  expect(inSeconds(status(MS), HOP_LIMIT_FIELD)).toEqual(status(SECONDS))
})

test('a CONNECT to who is asked for has its limit in seconds, and all else as it was', () => {
  const connect = (duration: readonly number[]): Uint8Array =>
    prefixed([0x08, 0, 0x12, 4, 0x0a, 2, 7, 7, 0x1a, ...limit(duration)])
  expect(inSeconds(connect(MS), STOP_LIMIT_FIELD)).toEqual(connect(SECONDS))
})

test('less than a second is not said to be without a bound', () => {
  const status = (duration: number): Uint8Array => prefixed([0x08, 2, 0x22, ...limit([duration])])
  expect(inSeconds(status(1), HOP_LIMIT_FIELD)).toEqual(status(1))
})

test('what has no limit, or is no message, goes out as it was', () => {
  expect(inSeconds(Uint8Array.of(4, 0x08, 2, 0x28, 100), HOP_LIMIT_FIELD)).toEqual(Uint8Array.of(4, 0x08, 2, 0x28, 100))
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(() => inSeconds(bytes, HOP_LIMIT_FIELD)).not.toThrow()
    }),
    { numRuns: 100, seed: 4 }
  )
})
