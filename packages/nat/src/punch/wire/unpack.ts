/** Protobuf: the low three bits of a tag say how long the value is. */
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** A number of 64 bits takes ten. */
const MAX_VARINT_BYTES = 10

/**
 * The message with lists of numbers of these fields one by one instead of packed: a reader of proto3 has to take both, and
 * that of protons takes only the first. What cannot be read is left to it, as it is.
 */
export function unpack(bytes: Uint8Array, fields: ReadonlySet<number>): Uint8Array {
  const out: number[] = []
  /** Where what is not in `out` yet begins. */
  let copied = 0
  for (let at = 0; at < bytes.length;) {
    const tagEnd = skipVarint(bytes, at)
    const tag = smallVarint(bytes, at, tagEnd)
    const end = tag === undefined ? undefined : endOfValue(bytes, tagEnd ?? at, tag % 8)
    if (tag === undefined || tagEnd === undefined || end === undefined || end > bytes.length) {
      return bytes
    }
    const field = Math.floor(tag / 8)
    if (tag % 8 === WIRE.bytes && fields.has(field)) {
      pushAll(out, bytes, copied, at)
      copied = end
      const start = skipVarint(bytes, tagEnd) ?? end
      for (let from = start; from < end;) {
        const to = skipVarint(bytes, from)
        if (to === undefined || to > end) {
          return bytes
        }
        out.push(field * 8 + WIRE.varint)
        pushAll(out, bytes, from, to)
        from = to
      }
    }
    at = end
  }
  if (copied === 0) {
    return bytes
  }
  pushAll(out, bytes, copied, bytes.length)
  return Uint8Array.from(out)
}

/** Without a view for each piece: a message may be all of small ones. */
function pushAll(out: number[], bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    out.push(bytes[at] ?? 0)
  }
}

function endOfValue(bytes: Uint8Array, at: number, wire: number): number | undefined {
  switch (wire) {
    case WIRE.varint:
      return skipVarint(bytes, at)
    case WIRE.fixed64:
      return at + 8
    case WIRE.fixed32:
      return at + 4
    case WIRE.bytes: {
      const start = skipVarint(bytes, at)
      const length = smallVarint(bytes, at, start)
      return start === undefined || length === undefined ? undefined : start + length
    }
    default:
      return undefined
  }
}

/** Where a varint ends that begins here. */
function skipVarint(bytes: Uint8Array, from: number): number | undefined {
  for (let at = from; at < Math.min(bytes.length, from + MAX_VARINT_BYTES); at++) {
    if ((bytes[at] ?? 0) < 128) {
      return at + 1
    }
  }
  return undefined
}

/** The value of one of four bytes at most: tags and lengths of a message of this size. */
function smallVarint(bytes: Uint8Array, from: number, to: number | undefined): number | undefined {
  if (to === undefined || to - from > 4) {
    return undefined
  }
  let value = 0
  for (let at = to - 1; at >= from; at--) {
    value = value * 128 + ((bytes[at] ?? 0) % 128)
  }
  return value
}
