import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_LEAF_BYTES, MAX_LEAVES, MAX_NODE_BYTES } from '../../src/constants.ts'
import { decodeFrameHeader, encodeFrameHeader, FRAME_HEADER_BYTES, FrameParser } from '../../src/wire/frame.ts'
import type { FrameHeader } from '../../src/wire/frame.ts'
import { MAX_LEAF_BLOCKS, MAX_NODE_CIDS } from '../../src/wire/limits.ts'
import { frameHeaders } from './support/arbitrary.ts'
import { refusal } from './support/refusal.ts'

interface Frame {
  readonly header: FrameHeader
  readonly body: Uint8Array
}

/** What a parser finds in `chunks`: copies, since pieces are only valid during the call. */
function parse(chunks: readonly Uint8Array[]): Frame[] {
  const frames: Frame[] = []
  let pieces: Uint8Array[] = []
  let header: FrameHeader | undefined
  const parser = new FrameParser({
    header: (next) => {
      expect(header, 'a header before the body of the last one was complete').toBeUndefined()
      header = next
      pieces = []
    },
    body: (piece, last) => {
      pieces.push(piece.slice())
      if (last && header !== undefined) {
        frames.push({ header, body: Uint8Array.from(Buffer.concat(pieces)) })
        header = undefined
      }
    }
  })
  for (const chunk of chunks) {
    parser.push(chunk)
  }
  return frames
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

test('bodies are not copied: pieces are views of the chunk', () => {
  const stream = streamOf([frame(data(0, 0, 100))])
  const seen: Uint8Array[] = []
  const parser = new FrameParser({
    header: () => undefined,
    body: (piece) => {
      seen.push(piece)
    }
  })
  parser.push(stream)
  expect(seen.map((piece) => piece.buffer)).toEqual([stream.buffer])
})

test('10,000 random chunks into one parser after another raise nothing but InvalidMessageError', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), (chunks) => {
      const parser = new FrameParser({ header: () => undefined, body: () => undefined })
      refusal(() => {
        for (const chunk of chunks) {
          parser.push(chunk)
        }
      })
    }),
    { numRuns: 10_000 }
  )
})
