import type { Random } from '@p2pshare/testkit'

/** Bytes that are the edges of something: signs, varints, tags of CBOR and DER, text that ends. */
const EDGES = [
  0x00, 0x01, 0x0a, 0x12, 0x1f, 0x20, 0x2f, 0x30, 0x3f, 0x5f, 0x7f, 0x80, 0x81, 0x9f, 0xbf, 0xc0, 0xf7, 0xfe, 0xff
]

/** Lengths and counts that readers may believe. */
const NUMBERS = [
  [0x80, 0x80, 0x80, 0x80, 0x08],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x80, 0x00],
  [0x9b, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00],
  [0x5b, 0x00, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
] as const

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array, maxBytes: number) => Uint8Array

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => changed(bytes, random, (byte) => byte ^ (1 << random.int(8))),
  (bytes, random) => changed(bytes, random, () => random.int(256)),
  (bytes, random) => changed(bytes, random, () => random.pick(EDGES)),
  (bytes, random) => changed(bytes, random, (byte) => byte + (random.int(2) === 0 ? 1 : 255)),
  (bytes, random) => bytes.slice(0, random.int(bytes.byteLength + 1)),
  (bytes, random) => joined(bytes, random.bytes(random.int(16))),
  (bytes, random) => inserted(bytes, random, random.bytes(1 + random.int(8))),
  (bytes, random) => inserted(bytes, random, random.pick(NUMBERS)),
  (bytes, random) => removed(bytes, random),
  (bytes, random, other) => joined(head(bytes, random), tail(other, random)),
  (bytes, random, other) => inserted(bytes, random, piece(other, random)),
  (bytes, random, _, maxBytes) => repeated(bytes, random, maxBytes)
]

/** One to four changes of a good input. */
export function mutate(bytes: Uint8Array, random: Random, other: Uint8Array, maxBytes: number): Uint8Array {
  let mutated = bytes
  for (let left = 1 + random.int(4); left > 0; left--) {
    mutated = random.pick(MUTATIONS)(mutated, random, other, maxBytes)
  }
  return mutated.byteLength > maxBytes + 1 ? mutated.subarray(0, maxBytes + 1) : mutated
}

function changed(bytes: Uint8Array, random: Random, change: (byte: number) => number): Uint8Array {
  const out = bytes.slice()
  if (out.byteLength > 0) {
    const at = random.int(out.byteLength)
    out[at] = change(out[at] ?? 0)
  }
  return out
}

function inserted(bytes: Uint8Array, random: Random, what: ArrayLike<number>): Uint8Array {
  const at = random.int(bytes.byteLength + 1)
  return joined(bytes.subarray(0, at), Uint8Array.from(what), bytes.subarray(at))
}

function removed(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.int(bytes.byteLength + 1)
  return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random.int(8)))
}

/** One piece again and again: element bombs. Seldom up to the bound, since large inputs take long. */
function repeated(bytes: Uint8Array, random: Random, maxBytes: number): Uint8Array {
  const part = piece(bytes, random)
  const room = random.int(64) === 0 ? maxBytes - bytes.byteLength : Math.min(512, maxBytes - bytes.byteLength)
  const times = part.byteLength === 0 ? 0 : Math.max(0, Math.floor(room / part.byteLength))
  const many = new Uint8Array(times * part.byteLength)
  for (let at = 0; at < many.byteLength; at += part.byteLength) {
    many.set(part, at)
  }
  return inserted(bytes, random, many)
}

function head(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.subarray(0, random.int(bytes.byteLength + 1))
}

function tail(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.subarray(random.int(bytes.byteLength + 1))
}

function piece(bytes: Uint8Array, random: Random): Uint8Array {
  return tail(bytes, random).subarray(0, 1 + random.int(64))
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}
