import type { Random } from '@p2pshare/testkit'
import type { Codec, Shape } from './codec.ts'

/** Deeper than any codec goes. */
const MAX_DEPTH = 12

/** Characters that have tricked somebody: ends, quotes, spaces, escapes, direction, halves of a character. */
const CHARACTERS = Array.from('aZ09/\\.:%<>&"\'?*{}[](),!-_=+~ \t\r\n\0\u0080\u200b\u202e\u2028\ufeff\ufffdéß文😀')

type Generator = (random: Random, bytes: number, codec: Codec) => Uint8Array

const GENERATORS: Readonly<Record<Shape, Generator>> = {
  bytes: (random, bytes) => random.bytes(bytes),
  protobuf: (random, bytes) => collect(bytes, (out) => protobuf(out, random, bytes, 0)),
  cbor: (random, bytes) => collect(bytes, (out) => cbor(out, random, bytes, 0)),
  der: (random, bytes) => collect(bytes, (out) => der(out, random, bytes, 0)),
  text: (random, bytes, { words = [] }) => {
    let text = ''
    while (text.length < bytes) {
      text += words.length > 0 && random.int(3) > 0 ? random.pick(words) : random.pick(CHARACTERS)
    }
    return new TextEncoder().encode(text).subarray(0, bytes)
  }
}

/** An input of about the codec's shape, which is nothing good but by chance. */
export function generate(codec: Codec, random: Random): Uint8Array {
  const shape = random.int(8) === 0 ? 'bytes' : codec.shape
  return GENERATORS[shape](random, sizeFor(random, codec.cap[1]), codec)
}

/** Mostly small; one in 256 as large as allowed, or one byte larger. */
function sizeFor(random: Random, maxBytes: number): number {
  return random.int(256) === 0 ? maxBytes + random.int(2) : random.int(Math.min(maxBytes, 2 ** (2 + random.int(8))) + 1)
}

function collect(maxBytes: number, fill: (out: number[]) => void): Uint8Array {
  const out: number[] = []
  fill(out)
  return Uint8Array.from(out.length > maxBytes ? out.slice(0, maxBytes) : out)
}

/** Fields in no order, some of them many times, with messages inside. */
function protobuf(out: number[], random: Random, maxBytes: number, depth: number): void {
  const end = out.length + maxBytes
  while (out.length < end) {
    const tag = (1 + random.int(12)) * 8
    const times = random.int(12) === 0 ? random.int(64) : 1
    for (let time = 0; time < times && out.length < end; time++) {
      protobufField(out, random, tag, { left: end - out.length, depth })
    }
  }
}

function protobufField(out: number[], random: Random, tag: number, at: { left: number; depth: number }): void {
  switch (random.int(6)) {
    case 0:
    case 1:
      varint(out, tag)
      varint(out, number(random))
      break
    case 2:
      varint(out, tag + 1)
      push(out, random.bytes(8))
      break
    case 3:
      varint(out, tag + 5)
      push(out, random.bytes(4))
      break
    default: {
      const inner: number[] = []
      const bytes = random.int(Math.min(at.left, 96) + 1)
      if (at.depth < MAX_DEPTH && random.int(2) === 0) {
        protobuf(inner, random, bytes, at.depth + 1)
      } else {
        push(inner, random.bytes(random.int(3) === 0 ? random.pick([0, 16, 32, 34, 36, 38]) : bytes))
      }
      varint(out, tag + 2)
      // a length that is not true, now and then
      varint(out, random.int(12) === 0 ? number(random) : inner.length)
      push(out, inner)
    }
  }
}

function cbor(out: number[], random: Random, maxBytes: number, depth: number): void {
  const end = out.length + maxBytes
  const major = random.int(8)
  const count = random.int(6)
  cborHead(out, random, major, random.int(10) === 0 ? number(random) : count)
  if (major === 2 || major === 3) {
    push(out, random.bytes(count))
  } else if ((major === 4 || major === 5) && depth < 64) {
    for (let item = 0; item < count * (major - 3) && out.length < end; item++) {
      cbor(out, random, end - out.length, depth + 1)
    }
  } else if (major === 6 && depth < 64) {
    cbor(out, random, end - out.length, depth + 1)
  }
}

function cborHead(out: number[], random: Random, major: number, value: number): void {
  const form = random.int(8)
  if (form < 5 && value < 24) {
    out.push((major << 5) | value)
  } else if (form === 7) {
    out.push((major << 5) | 31)
  } else {
    out.push((major << 5) | 27)
    push(out, Buffer.from(BigInt.asUintN(64, BigInt(value)).toString(16).padStart(16, '0'), 'hex'))
  }
}

function der(out: number[], random: Random, maxBytes: number, depth: number): void {
  const inner: number[] = []
  const bytes = Math.max(0, Math.min(maxBytes - 4, 1024))
  if (depth < MAX_DEPTH && random.int(3) > 0) {
    for (let part = random.int(5); part > 0 && inner.length < bytes; part--) {
      der(inner, random, bytes - inner.length, depth + 1)
    }
  } else {
    push(inner, random.bytes(random.int(Math.min(bytes, 40) + 1)))
  }
  out.push(random.pick([0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x17, 0x18, 0x30, 0x31, 0xa0, 0xa3, random.int(256)]))
  const length = random.int(16) === 0 ? number(random) : inner.length
  if (length < 0x80) {
    out.push(length)
  } else {
    out.push(0x82, (length >> 8) & 0xff, length & 0xff)
  }
  push(out, inner)
}

function number(random: Random): number {
  return random.pick([random.int(4), random.int(300), 2 ** random.int(53), 2 ** random.int(53) - 1])
}

function varint(out: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  out.push(rest)
}

function push(out: number[], bytes: ArrayLike<number>): void {
  for (const byte of Array.from(bytes)) {
    out.push(byte)
  }
}
