import fc from 'fast-check'
import { expect, test } from 'vitest'
import { delimit, Undelimiter } from '../../src/wire/delimited.ts'
import { refusal } from './support/refusal.ts'

const MAX = 70_000

/** Everything in `chunks`, as a lane hands it over. */
function takeAll(chunks: readonly Uint8Array[], max = MAX): Uint8Array[] {
  const undelimiter = new Undelimiter(max)
  const messages: Uint8Array[] = []
  for (const chunk of chunks) {
    let at = 0
    while (at < chunk.byteLength) {
      const { message, next } = undelimiter.take(chunk, at)
      expect(next).toBeGreaterThan(at)
      at = next
      if (message !== undefined) {
        messages.push(message)
      }
    }
  }
  return messages
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}

const three = [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(200).fill(9)]

test('three messages are found however the stream is split in two or three', () => {
  const stream = concat(three.map(delimit))
  for (let first = 0; first <= stream.byteLength; first++) {
    for (const second of [first, first + 1, first + 7, stream.byteLength]) {
      const chunks = [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second)]
      expect(takeAll(chunks)).toEqual(three)
    }
  }
})

test('messages are found byte by byte', () => {
  expect(takeAll([...concat(three.map(delimit))].map((byte) => Uint8Array.of(byte)))).toEqual(three)
})

test('any messages in any split', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.uint8Array({ maxLength: 20 }),
          fc.nat({ max: 300 }).map((n) => new Uint8Array(n))
        ),
        {
          maxLength: 8
        }
      ),
      fc.array(fc.nat({ max: 2000 }), { maxLength: 12 }),
      (messages, cuts) => {
        const stream = concat(messages.map(delimit))
        const places = [...cuts.map((cut) => cut % (stream.byteLength + 1)), stream.byteLength].sort((a, b) => a - b)
        const chunks = places.map((place, at) => stream.subarray(places[at - 1] ?? 0, place))
        expect(takeAll(chunks)).toEqual(messages)
      }
    )
  )
})

test.each([0, 1, 127, 128, 16_383, 16_384, MAX])('a message of %d bytes gets the shortest prefix', (length) => {
  const framed = delimit(new Uint8Array(length).fill(5))
  expect(framed.byteLength - length).toBe(length < 128 ? 1 : length < 16_384 ? 2 : 3)
  expect(takeAll([framed])).toEqual([new Uint8Array(length).fill(5)])
})

test('a message of the limit is read; one byte more is refused by its length alone', () => {
  expect(takeAll([delimit(new Uint8Array(300))], 300)).toHaveLength(1)
  const prefix = delimit(new Uint8Array(301)).subarray(0, 2)
  expect(refusal(() => takeAll([prefix], 300))?.message).toContain('300')
})

test('a length of more than three bytes is refused at its third, however small the number', () => {
  expect(refusal(() => takeAll([Uint8Array.of(0x80, 0x80)]))).toBeUndefined()
  expect(refusal(() => takeAll([Uint8Array.of(0x80, 0x80, 0x80)]))).toBeDefined()
  expect(refusal(() => takeAll([Uint8Array.of(0xff, 0xff, 0x7f)]))).toBeDefined()
})

test('the message is a copy: the chunk may be used again', () => {
  const chunk = delimit(Uint8Array.of(1, 2, 3))
  const [message] = takeAll([chunk])
  chunk.fill(0)
  expect(message).toEqual(Uint8Array.of(1, 2, 3))
})
