/*
 * Fields of the messages of circuit relay v2. libp2p keeps their codec to itself, and a few fields of its own messages do not
 * take another one.
 */

/** Protobuf: the low three bits of a tag say how long the value is. */
const WIRE_VARINT = 0
const WIRE_BYTES = 2

/** Numbers above 2^49 are none that these messages have. */
const MAX_VARINT_BYTES = 7

/** Fields that are looked at: these messages have five, and each field takes memory to be passed over. */
export const MAX_RELAY_FIELDS = 64

/** The bytes of a field; `undefined` where there is none, or another kind of message. Pure. */
export function readField(message: Uint8Array, wanted: number): Uint8Array | undefined {
  const found = find(message, wanted)
  return found instanceof Uint8Array ? found : undefined
}

/** The number in a field; `undefined` where there is none, or another kind of message. Pure. */
export function readNumber(message: Uint8Array, wanted: number): number | undefined {
  const found = find(message, wanted)
  return typeof found === 'number' ? found : undefined
}

/** The value and where it ends. Pure. */
export function readVarint(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0
  for (let index = 0; index < MAX_VARINT_BYTES; index += 1) {
    const byte = bytes[at + index] ?? 0
    value += (byte % 128) * 128 ** index
    if (byte < 128) {
      return [value, at + index + 1]
    }
  }
  return [0, bytes.length]
}

/** The message with another value in a field that it has; as it was where it has none. Pure. */
export function replaceField(message: Uint8Array, wanted: number, value: Uint8Array | number): Uint8Array {
  const field = locate(message, wanted)
  if (field === undefined) {
    return message
  }
  const written = typeof value === 'number' ? writeVarint(value) : [...writeVarint(value.length), ...value]
  return Uint8Array.from([...message.subarray(0, field.at), ...written, ...message.subarray(field.end)])
}

/** A whole number of at most 2^49. Pure. */
export function writeVarint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...writeVarint(Math.floor(value / 128))]
}

function find(message: Uint8Array, wanted: number): Uint8Array | number | undefined {
  const field = locate(message, wanted)
  return field === undefined || field.number !== undefined ? field?.number : message.subarray(field.start, field.end)
}

/** Where the value of a field is: `at` with its length before it, where it has one. */
function locate(
  message: Uint8Array,
  wanted: number
): { readonly at: number; readonly start: number; readonly end: number; readonly number?: number } | undefined {
  let at = 0
  for (let fields = 0; fields < MAX_RELAY_FIELDS && at < message.length; fields++) {
    const [tag, value] = readVarint(message, at)
    const wire = tag % 8
    if (wire !== WIRE_VARINT && wire !== WIRE_BYTES) {
      return undefined // this protocol has no other
    }
    const [length, start] = readVarint(message, value)
    const end = wire === WIRE_VARINT ? start : start + length
    if (Math.floor(tag / 8) === wanted) {
      return { at: value, start, end, ...(wire === WIRE_VARINT ? { number: length } : {}) }
    }
    at = end
  }
  return undefined
}
