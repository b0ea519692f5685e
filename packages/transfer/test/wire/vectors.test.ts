import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MAX_LEAVES } from '../../src/constants.ts'
import type { Range } from '../../src/swarm/bitfield.ts'
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts'
import { delimit, Undelimiter } from '../../src/wire/delimited.ts'
import { FrameReader } from '../../src/wire/frame-reader.ts'
import { decodeFrameHeader, encodeFrameHeader } from '../../src/wire/frame.ts'
import type { FrameHeader } from '../../src/wire/frame.ts'
import { MAX_CONTROL_BYTES } from '../../src/wire/limits.ts'
import { decodeRanges, encodeRanges } from '../../src/wire/ranges.ts'
import { plain } from './support/arbitrary.ts'
import { CollectingSink } from './support/collecting-sink.ts'
import { fromHex, refusal, toHex } from './support/refusal.ts'

interface Vector {
  readonly about: string
  readonly hex: string
}

interface Vectors {
  readonly messages: ReadonlyArray<Vector & { readonly message: { readonly type: string } }>
  readonly invalidMessages: readonly Vector[]
  readonly ranges: ReadonlyArray<Vector & { readonly ranges: readonly Range[] }>
  readonly frameHeaders: ReadonlyArray<Vector & { readonly header: FrameHeader }>
  readonly invalidFrameHeaders: readonly Vector[]
  readonly controlLanes: ReadonlyArray<Vector & { readonly messages: readonly string[] }>
  readonly dataLanes: ReadonlyArray<
    Vector & { readonly frames: ReadonlyArray<{ header: FrameHeader; bodyHex: string }> }
  >
}

const vectors = JSON.parse(readFileSync(new URL('../fixtures/wire-vectors.json', import.meta.url), 'utf8')) as Vectors

describe('messages', () => {
  test.each(vectors.messages)('$about', ({ about, hex, message }) => {
    const read = decodeMessage(fromHex(hex))
    expect(plain(read)).toEqual(message)
    if (!about.includes('unknown field')) {
      expect(toHex(encodeMessage(read))).toBe(hex)
    }
  })

  test.each(vectors.invalidMessages)('refused: $about', ({ hex }) => {
    expect(refusal(() => decodeMessage(fromHex(hex)))).toBeDefined()
  })

  test('there is one of each kind', () => {
    expect([...new Set(vectors.messages.map(({ message }) => message.type))].sort()).toEqual([
      'ack',
      'cancel',
      'channel',
      'channel-reply',
      'end',
      'get-nodes',
      'grant',
      'have',
      'hello',
      'offer',
      'pass',
      'reject',
      'request',
      'resume',
      'want'
    ])
  })
})

describe('ranges', () => {
  test.each(vectors.ranges)('$about', ({ hex, ranges }) => {
    expect(decodeRanges(fromHex(hex), MAX_LEAVES)).toEqual(ranges)
    expect(toHex(encodeRanges(ranges))).toBe(hex)
  })
})

describe('frame headers', () => {
  test.each(vectors.frameHeaders)('$about', ({ hex, header }) => {
    expect(decodeFrameHeader(fromHex(hex))).toEqual(header)
    expect(toHex(encodeFrameHeader(header))).toBe(hex)
  })

  test.each(vectors.invalidFrameHeaders)('refused: $about', ({ hex }) => {
    expect(refusal(() => decodeFrameHeader(fromHex(hex)))).toBeDefined()
  })
})

describe('lanes', () => {
  test.each(vectors.controlLanes)('$about', ({ hex, messages }) => {
    const bytes = fromHex(hex)
    const undelimiter = new Undelimiter(MAX_CONTROL_BYTES)
    const found: string[] = []
    for (let at = 0; at < bytes.byteLength;) {
      const { message, next } = undelimiter.take(bytes, at)
      at = next
      if (message !== undefined) {
        found.push(toHex(message))
      }
    }
    expect(found).toEqual(messages)
    expect(messages.map((message) => toHex(delimit(fromHex(message)))).join('')).toBe(hex)
  })

  test.each(vectors.dataLanes)('$about', ({ hex, frames }) => {
    const sink = new CollectingSink()
    new FrameReader(sink).push(fromHex(hex))
    const found = sink.frames.map(({ header, body }) => ({ header, bodyHex: toHex(body) }))
    expect(found).toEqual(frames)
  })
})
