import { crc32 } from 'node:zlib'
import { InvalidMessageError } from '@p2pshare/interface'
import type { DatagramAddress } from '@p2pshare/interface'
import { HEADER_BYTES, MAGIC_COOKIE, MAX_ATTRIBUTES, MAX_MESSAGE_BYTES, TRANSACTION_ID_BYTES } from './constants.ts'
import { ipFromBytes, ipToBytes } from './ip.ts'
import type { ReceivedStunMessage, StunClass, StunMessage } from './message.ts'

/** Attribute types; those from 0x8000 on may be ignored by who does not know them. */
export const ATTRIBUTES = Object.freeze({
  mappedAddress: 0x0001,
  changeRequest: 0x0003,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  xorMappedAddress: 0x0020,
  padding: 0x0026,
  fingerprint: 0x8028,
  responseOrigin: 0x802b,
  otherAddress: 0x802c,
  /** Ours: makes room for the answer. PADDING would make a server of RFC 5780 answer with a whole MTU. */
  room: 0xff50
} as const)

const TYPES: Readonly<Record<StunClass, number>> = Object.freeze({
  request: 0x0001,
  indication: 0x0011,
  success: 0x0101,
  error: 0x0111
})

/** What the fingerprint is xored with (RFC 8489 section 14.7). */
const FINGERPRINT_XOR = 0x5354554e

const FINGERPRINT_BYTES = 8

const ATTRIBUTE_HEADER_BYTES = 4

const CHANGE_IP = 0x04
const CHANGE_PORT = 0x02

/** Whether a datagram is for STUN and not for what else runs on the socket: two zero bits, the length, the cookie. */
export function isStun(bytes: Uint8Array): boolean {
  if (bytes.byteLength < HEADER_BYTES || bytes.byteLength % 4 !== 0) {
    return false
  }
  const view = viewOf(bytes)
  return (
    view.getUint16(0) < 0x4000 &&
    view.getUint16(2) === bytes.byteLength - HEADER_BYTES &&
    view.getUint32(4) === MAGIC_COOKIE
  )
}

/** A message that fills at least `minBytes`, with a FINGERPRINT at its end. */
export function encodeStun(message: StunMessage, minBytes = 0): Uint8Array {
  const parts = [...attributesOf(message)]
  const size = HEADER_BYTES + FINGERPRINT_BYTES + parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
  if (minBytes >= size + ATTRIBUTE_HEADER_BYTES) {
    parts.push(attribute(ATTRIBUTES.room, new Uint8Array(minBytes - size - ATTRIBUTE_HEADER_BYTES)))
  }
  return seal(message, parts)
}

/**
 * A message of at most `maxBytes`, without the attributes that do not fit, the least important first; `undefined` when
 * not even the first has room.
 */
export function encodeStunWithin(message: StunMessage, maxBytes: number): Uint8Array | undefined {
  const kept: Uint8Array[] = []
  let size = HEADER_BYTES
  for (const part of attributesOf(message)) {
    if (size + part.byteLength <= maxBytes) {
      kept.push(part)
      size += part.byteLength
    } else if (kept.length === 0) {
      return undefined
    }
  }
  return size + FINGERPRINT_BYTES <= maxBytes ? seal(message, kept) : assemble(message, kept)
}

/** Throws `InvalidMessageError` for all that is not a whole, well-formed Binding message. */
export function decodeStun(bytes: Uint8Array): ReceivedStunMessage {
  if (bytes.byteLength > MAX_MESSAGE_BYTES) {
    throw new InvalidMessageError(`STUN: ${bytes.byteLength} bytes, at most ${MAX_MESSAGE_BYTES}`)
  }
  if (!isStun(bytes)) {
    throw new InvalidMessageError('STUN: not a STUN message')
  }
  const view = viewOf(bytes)
  const type = view.getUint16(0)
  const found = (Object.keys(TYPES) as StunClass[]).find((name) => TYPES[name] === type)
  if (found === undefined) {
    throw new InvalidMessageError(`STUN: type 0x${type.toString(16)} is not Binding`)
  }
  const message: Mutable<ReceivedStunMessage> & { notUnderstood: number[] } = {
    class: found,
    // a copy: what comes off a socket may be used again (and `slice` of a Buffer is none)
    transactionId: Uint8Array.from(bytes.subarray(8, HEADER_BYTES)),
    notUnderstood: []
  }
  let count = 0
  for (let at = HEADER_BYTES; at < bytes.byteLength;) {
    const end = at + ATTRIBUTE_HEADER_BYTES + view.getUint16(at + 2)
    if (end > bytes.byteLength || ++count > MAX_ATTRIBUTES) {
      throw new InvalidMessageError('STUN: attributes beyond the end, or too many')
    }
    const name = view.getUint16(at)
    const next = end + ((4 - (end % 4)) % 4)
    if (name === ATTRIBUTES.fingerprint) {
      checkFingerprint(bytes, at, end)
    } else {
      read(message, name, bytes.subarray(at + ATTRIBUTE_HEADER_BYTES, end))
    }
    at = next
  }
  return message
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function read(
  message: Mutable<ReceivedStunMessage> & { notUnderstood: number[] },
  name: number,
  value: Uint8Array
): void {
  switch (name) {
    case ATTRIBUTES.xorMappedAddress:
      message.mapped = readAddress(value, message.transactionId)
      break
    case ATTRIBUTES.mappedAddress:
      message.mapped ??= readAddress(value)
      break
    case ATTRIBUTES.responseOrigin:
      message.origin = readAddress(value)
      break
    case ATTRIBUTES.otherAddress:
      message.other = readAddress(value)
      break
    case ATTRIBUTES.changeRequest: {
      const flags = exactly(value, 4).getUint32(0)
      message.change = { ip: (flags & CHANGE_IP) !== 0, port: (flags & CHANGE_PORT) !== 0 }
      break
    }
    case ATTRIBUTES.errorCode:
      message.failure = readFailure(value)
      break
    case ATTRIBUTES.unknownAttributes:
      message.unknown = Array.from({ length: value.byteLength >> 1 }, (_, index) => viewOf(value).getUint16(index * 2))
      break
    case ATTRIBUTES.padding:
    case ATTRIBUTES.room:
      message.padding = (message.padding ?? 0) + value.byteLength
      break
    default:
      if (name < 0x8000) {
        message.notUnderstood.push(name)
      }
  }
}

/** In the order of their importance: what comes last is left out first. */
function* attributesOf(message: StunMessage): Generator<Uint8Array> {
  const { mapped, failure, unknown, change, other, origin, padding } = message
  if (mapped !== undefined) {
    yield attribute(ATTRIBUTES.xorMappedAddress, writeAddress(mapped, message.transactionId))
  }
  if (failure !== undefined) {
    const reason = new TextEncoder().encode(failure.reason)
    yield attribute(
      ATTRIBUTES.errorCode,
      Uint8Array.of(0, 0, Math.trunc(failure.code / 100), failure.code % 100, ...reason)
    )
  }
  if (unknown !== undefined) {
    yield attribute(ATTRIBUTES.unknownAttributes, Uint8Array.from(unknown.flatMap((type) => [type >> 8, type & 0xff])))
  }
  if (change !== undefined) {
    yield attribute(
      ATTRIBUTES.changeRequest,
      Uint8Array.of(0, 0, 0, (change.ip ? CHANGE_IP : 0) | (change.port ? CHANGE_PORT : 0))
    )
  }
  if (other !== undefined) {
    yield attribute(ATTRIBUTES.otherAddress, writeAddress(other))
  }
  if (origin !== undefined) {
    yield attribute(ATTRIBUTES.responseOrigin, writeAddress(origin))
  }
  if (padding !== undefined) {
    yield attribute(ATTRIBUTES.room, new Uint8Array(padding))
  }
}

function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(ATTRIBUTE_HEADER_BYTES + value.byteLength + ((4 - (value.byteLength % 4)) % 4))
  const view = viewOf(bytes)
  view.setUint16(0, type)
  view.setUint16(2, value.byteLength)
  bytes.set(value, ATTRIBUTE_HEADER_BYTES)
  return bytes
}

function assemble({ class: name, transactionId }: StunMessage, parts: readonly Uint8Array[]): Uint8Array {
  if (transactionId.byteLength !== TRANSACTION_ID_BYTES) {
    throw new InvalidMessageError(`STUN: a transaction id of ${transactionId.byteLength} bytes`)
  }
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const bytes = new Uint8Array(HEADER_BYTES + length)
  const view = viewOf(bytes)
  view.setUint16(0, TYPES[name])
  view.setUint16(2, length)
  view.setUint32(4, MAGIC_COOKIE)
  bytes.set(transactionId, 8)
  let at = HEADER_BYTES
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  return bytes
}

function seal(message: StunMessage, parts: readonly Uint8Array[]): Uint8Array {
  const bytes = assemble(message, [...parts, attribute(ATTRIBUTES.fingerprint, new Uint8Array(4))])
  viewOf(bytes).setUint32(bytes.byteLength - 4, fingerprint(bytes.subarray(0, bytes.byteLength - FINGERPRINT_BYTES)))
  return bytes
}

function fingerprint(bytes: Uint8Array): number {
  return (crc32(bytes) ^ FINGERPRINT_XOR) >>> 0
}

function checkFingerprint(bytes: Uint8Array, at: number, end: number): void {
  if (end !== bytes.byteLength || end - at !== FINGERPRINT_BYTES) {
    throw new InvalidMessageError('STUN: the fingerprint is not the last attribute')
  }
  if (viewOf(bytes).getUint32(at + ATTRIBUTE_HEADER_BYTES) !== fingerprint(bytes.subarray(0, at))) {
    throw new InvalidMessageError('STUN: the fingerprint is wrong')
  }
}

function writeAddress({ host, port }: DatagramAddress, xorWith?: Uint8Array): Uint8Array {
  const ip = ipToBytes(host)
  const value = new Uint8Array(4 + ip.byteLength)
  const view = viewOf(value)
  value[1] = ip.byteLength === 4 ? 1 : 2
  view.setUint16(2, port)
  value.set(ip, 4)
  return xorWith === undefined ? value : xorAddress(value, xorWith)
}

function readAddress(value: Uint8Array, xorWith?: Uint8Array): DatagramAddress {
  const family = value[1]
  if (!(family === 1 && value.byteLength === 8) && !(family === 2 && value.byteLength === 20)) {
    throw new InvalidMessageError('STUN: an address of no known family')
  }
  const plain = xorWith === undefined ? value : xorAddress(Uint8Array.from(value), xorWith)
  return { host: ipFromBytes(plain.subarray(4)), port: viewOf(plain).getUint16(2) }
}

/** In place; the other way round it is the same (RFC 8489 section 14.2). */
function xorAddress(value: Uint8Array, transactionId: Uint8Array): Uint8Array {
  const mask = Uint8Array.of(0x21, 0x12, 0xa4, 0x42, ...transactionId)
  for (let index = 2; index < value.byteLength; index++) {
    const over = mask[index < 4 ? index - 2 : index - 4] ?? 0
    value[index] = (value[index] ?? 0) ^ over
  }
  return value
}

function readFailure(value: Uint8Array): { code: number; reason: string } {
  const code = ((value[2] ?? 0) & 0x07) * 100 + (value[3] ?? 0)
  if (value.byteLength < 4 || code < 300 || code > 699) {
    throw new InvalidMessageError(`STUN: error code ${code}`)
  }
  return { code, reason: new TextDecoder().decode(value.subarray(4)) }
}

function exactly(value: Uint8Array, bytes: number): DataView {
  if (value.byteLength !== bytes) {
    throw new InvalidMessageError(`STUN: an attribute of ${value.byteLength} bytes, not ${bytes}`)
  }
  return viewOf(value)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
