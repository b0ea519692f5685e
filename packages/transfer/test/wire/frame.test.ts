import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_LEAF_BYTES, MAX_LEAVES, MAX_NODE_BYTES } from '../../src/constants.ts'
import { FrameReader } from '../../src/wire/frame-reader.ts'
import { decodeFrameHeader, encodeFrameHeader, FRAME_HEADER_BYTES, writeFrameHeader } from '../../src/wire/frame.ts'
import type { FrameHeader } from '../../src/wire/frame.ts'
import { MAX_LEAF_BLOCKS, MAX_NODE_CIDS } from '../../src/wire/limits.ts'
import { CollectingSink } from './support/collecting-sink.ts'
import type { Frame } from './support/collecting-sink.ts'
import { frameHeaders } from './support/arbitrary.ts'
import { refusal } from './support/refusal.ts'

/** What a reader finds in `chunks`. */
function parse(chunks: readonly Uint8Array[]): Frame[] {
  const sink = new CollectingSink()
  const reader = new FrameReader(sink)
  for (const chunk of chunks) {
    expect(reader.push(chunk)).toBe(chunk.byteLength)
  }
  return sink.frames
}

function streamOf(frames: readonly Frame[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(frames.flatMap(({ header, body }) => [encodeFrameHeader(header), body])))
}

const data = (leaf: number, firstBlock: number, bytes: number): FrameHeader => ({
  kind: 'data',
  leaf,
  firstBlock,
  bytes
})
const node = (request: number, ordinal: number, bytes: number): FrameHeader => ({
  kind: 'node',
  request,
  ordinal,
  bytes
})
const frame = (header: FrameHeader): Frame => ({
  header,
  body: Uint8Array.from({ length: header.bytes }, (_, at) => at * 7)
})

const sample = [frame(data(3, 0, 5)), frame(node(1, 0, 0)), frame(node(1, 1, 20)), frame(data(3, 1, 1))]

test('a header is read as it was written', () => {
  fc.assert(
    fc.property(frameHeaders, (header) => {
      const bytes = encodeFrameHeader(header)
      expect(bytes).toHaveLength(FRAME_HEADER_BYTES)
      expect(decodeFrameHeader(bytes)).toEqual(header)
    }),
    { numRuns: 500 }
  )
})

test.each<[name: string, atTheBound: FrameHeader, past: FrameHeader]>([
  ['MAX_LEAF_BYTES', data(0, 0, MAX_LEAF_BYTES), data(0, 0, MAX_LEAF_BYTES + 1)],
  ['the last block', data(0, MAX_LEAF_BLOCKS - 1, 16 * 1024), data(0, MAX_LEAF_BLOCKS - 1, 16 * 1024 + 1)],
  ['MAX_LEAF_BLOCKS', data(0, MAX_LEAF_BLOCKS - 1, 1), data(0, MAX_LEAF_BLOCKS, 1)],
  ['MAX_LEAVES', data(MAX_LEAVES - 1, 0, 1), data(MAX_LEAVES, 0, 1)],
  ['a byte of data', data(0, 0, 1), data(0, 0, 0)],
  ['MAX_NODE_BYTES', node(1, 0, MAX_NODE_BYTES), node(1, 0, MAX_NODE_BYTES + 1)],
  ['MAX_NODE_CIDS', node(1, MAX_NODE_CIDS - 1, 1), node(1, MAX_NODE_CIDS, 1)],
  ['a GET_NODES', node(1, 0, 1), node(0, 0, 1)]
])('%s: the bound is accepted and one past it is not', (_, atTheBound, past) => {
  expect(decodeFrameHeader(encodeFrameHeader(atTheBound))).toEqual(atTheBound)
  expect(refusal(() => decodeFrameHeader(encodeFrameHeader(past)))).toBeDefined()
})

test('a header of any other length is refused', () => {
  const header = encodeFrameHeader(data(0, 0, 1))
  for (let length = 0; length < FRAME_HEADER_BYTES; length++) {
    expect(refusal(() => decodeFrameHeader(header.subarray(0, length)))).toBeDefined()
  }
  expect(refusal(() => decodeFrameHeader(Uint8Array.from([...header, 0])))).toBeDefined()
})

test('10,000 random headers, half of them a valid one with a byte changed, raise nothing but InvalidMessageError', () => {
  const damaged = fc.tuple(frameHeaders, fc.nat({ max: 15 }), fc.nat({ max: 255 })).map(([header, at, value]) => {
    const bytes = encodeFrameHeader(header)
    bytes[at] = value
    return bytes
  })
  const random = fc.uint8Array({ minLength: FRAME_HEADER_BYTES, maxLength: FRAME_HEADER_BYTES })
  fc.assert(
    fc.property(fc.oneof(random, damaged), (bytes) => {
      const held: { header?: FrameHeader } = {}
      refusal(() => (held.header = decodeFrameHeader(bytes)))
      if (held.header !== undefined) {
        expect(encodeFrameHeader(held.header)).toEqual(bytes)
      }
    }),
    { numRuns: 10_000 }
  )
})

test('frames are found in every split into two and three, an empty node among them', () => {
  const stream = streamOf(sample)
  for (let first = 0; first <= stream.byteLength; first++) {
    for (const second of [first, first + 1, first + 16, stream.byteLength]) {
      const chunks = [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second)]
      expect(parse(chunks)).toEqual(sample)
    }
  }
})

test('frames are found byte by byte', () => {
  expect(parse([...streamOf(sample)].map((byte) => Uint8Array.of(byte)))).toEqual(sample)
})

test('any frames in any split', () => {
  const small = frameHeaders.map((header) => {
    const bytes = header.kind === 'data' ? 1 + (header.bytes % 200) : header.bytes % 200
    return frame({ ...header, bytes })
  })
  fc.assert(
    fc.property(
      fc.array(small, { maxLength: 6 }),
      fc.array(fc.nat({ max: 2000 }), { maxLength: 10 }),
      (frames, cuts) => {
        const stream = streamOf(frames)
        const places = [...cuts.map((cut) => cut % (stream.byteLength + 1)), stream.byteLength].sort((a, b) => a - b)
        expect(parse(places.map((place, at) => stream.subarray(places[at - 1] ?? 0, place)))).toEqual(frames)
      }
    )
  )
})

test('a stream that was cut yields whole frames only, and no error: the rest may still come', () => {
  const stream = streamOf(sample)
  for (let length = 0; length < stream.byteLength; length++) {
    const found = parse([stream.subarray(0, length)])
    expect(found).toEqual(sample.slice(0, found.length))
  }
})

test('a header is written in front of its body', () => {
  const memory = new Uint8Array(100).fill(0xff)
  const header = data(3, 4, 50)
  writeFrameHeader(memory.subarray(7, 7 + 16), header)
  expect(memory.subarray(7, 23)).toEqual(encodeFrameHeader(header))
  expect([memory[6], memory[23]]).toEqual([0xff, 0xff])
})

test('bytes that are read in place, in reads of any size, make the same frames', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 200, maxLength: 200 }), (sizes) => {
      const sink = new CollectingSink()
      const reader = new FrameReader(sink)
      const stream = streamOf(sample)
      let at = 0
      for (const size of sizes) {
        if (at < stream.byteLength) {
          const room = reader.room()
          const piece = stream.subarray(at, at + Math.min(size, room.byteLength))
          room.set(piece)
          at += piece.byteLength
          reader.filled(piece.byteLength)
        }
      }
      expect(sink.frames).toEqual(sample)
    })
  )
})

test('a sink without room stops the reader at the frame, and it goes on there', () => {
  const stream = streamOf(sample)
  for (let room = 0; room < sample.length; room++) {
    const sink = new CollectingSink()
    sink.room = room
    let woken = 0
    const reader = new FrameReader(sink, () => {
      woken++
    })
    const taken = reader.push(stream)
    expect([reader.isBlocked, sink.frames.length]).toEqual([true, room])
    expect(reader.push(stream.subarray(taken)), 'nothing while it is blocked').toBe(0)
    sink.makeRoom(Infinity)
    expect(woken).toBe(1)
    reader.retry()
    expect(reader.push(stream.subarray(taken))).toBe(stream.byteLength - taken)
    expect(sink.frames).toEqual(sample)
  }
})

test('a lane that ends in the middle of a body says so to the sink, once', () => {
  const sink = new CollectingSink()
  const reader = new FrameReader(sink)
  reader.push(streamOf([frame(data(0, 0, 100))]).subarray(0, 50))
  reader.end()
  reader.end()
  expect([sink.cut, sink.frames.length]).toEqual([1, 0])
})

test('10,000 random chunks into one reader after another raise nothing but InvalidMessageError', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), (chunks) => {
      const reader = new FrameReader(new CollectingSink())
      refusal(() => {
        for (const chunk of chunks) {
          reader.push(chunk)
        }
      })
    }),
    { numRuns: 10_000 }
  )
})
