import { isStreamId } from '../ids.ts'
import { MAGIC, TYPE, TYPE_OFFSET, hasMagic } from './magic.ts'

export const NONCE_BYTES = 16
export const COOKIE_BYTES = 16

/** Magic and type, three zeros, nonce, stream id, cookie. */
const NONCE_OFFSET = 8
const ID_OFFSET = NONCE_OFFSET + NONCE_BYTES
const COOKIE_OFFSET = ID_OFFSET + 4

/** Length of every answer. */
export const ANSWER_BYTES = COOKIE_OFFSET + COOKIE_BYTES

/**
 * Length of every question, padded with zeros: more than all that is ever sent to an address that proved nothing, which is
 * one answer and the 20 bytes by which UDX ends a stream, headers counted.
 */
export const INIT_BYTES = 128

const NO_COOKIE = new Uint8Array(COOKIE_BYTES)

/** A dialler asks for a connection; `cookie` is that of a RETRY. */
export interface Init {
  readonly type: 'init'
  readonly nonce: Uint8Array
  readonly id: number
  readonly cookie: Uint8Array | undefined
}

/** What a listener answers, with the nonce of the question. */
export type Answer =
  | { readonly type: 'retry'; readonly nonce: Uint8Array; readonly cookie: Uint8Array }
  | { readonly type: 'accept'; readonly nonce: Uint8Array; readonly id: number }
  | { readonly type: 'reject'; readonly nonce: Uint8Array }

export type Handshake = Init | Answer

const TYPE_OF = { init: TYPE.INIT, retry: TYPE.RETRY, accept: TYPE.ACCEPT, reject: TYPE.REJECT } as const

/** A datagram of the handshake. The nonce and cookie have their lengths, and the id is one. */
export function encodeHandshake(message: Handshake): Uint8Array {
  const bytes = Buffer.alloc(message.type === 'init' ? INIT_BYTES : ANSWER_BYTES)
  bytes.set(MAGIC)
  bytes[TYPE_OFFSET] = TYPE_OF[message.type]
  bytes.set(message.nonce, NONCE_OFFSET)
  if ('id' in message) {
    bytes.writeUInt32BE(message.id, ID_OFFSET)
  }
  if ('cookie' in message && message.cookie !== undefined) {
    bytes.set(message.cookie, COOKIE_OFFSET)
  }
  return bytes
}

/** What a datagram says; `undefined`: it is no handshake, or not well formed. Copies what it keeps. */
export function decodeHandshake(datagram: Uint8Array): Handshake | undefined {
  if (!hasMagic(datagram) || !isZero(datagram, TYPE_OFFSET + 1, NONCE_OFFSET)) {
    return undefined
  }
  const type = datagram[TYPE_OFFSET]
  const isInit = type === TYPE.INIT
  if (datagram.length !== (isInit ? INIT_BYTES : ANSWER_BYTES) || !isZero(datagram, ANSWER_BYTES, datagram.length)) {
    return undefined
  }
  // a datagram is a view of a large buffer that is shared with others
  const bytes = Buffer.from(datagram)
  const nonce = bytes.subarray(NONCE_OFFSET, ID_OFFSET)
  const id = bytes.readUInt32BE(ID_OFFSET)
  const cookie = bytes.subarray(COOKIE_OFFSET, ANSWER_BYTES)
  const hasCookie = !cookie.equals(NO_COOKIE)
  switch (type) {
    case TYPE.INIT:
      return isStreamId(id) ? { type: 'init', nonce, id, cookie: hasCookie ? cookie : undefined } : undefined
    case TYPE.RETRY:
      return id === 0 && hasCookie ? { type: 'retry', nonce, cookie } : undefined
    case TYPE.ACCEPT:
      return isStreamId(id) && !hasCookie ? { type: 'accept', nonce, id } : undefined
    case TYPE.REJECT:
      return id === 0 && !hasCookie ? { type: 'reject', nonce } : undefined
    default:
      return undefined
  }
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  return bytes.subarray(from, to).every((byte) => byte === 0)
}
