import { createHmac, timingSafeEqual } from 'node:crypto'
import { MAGIC, TYPE, TYPE_OFFSET, hasMagic } from './magic.ts'

export const TOKEN_BYTES = 8
export const CHALLENGE_BYTES = 8
const MAC_BYTES = 16

/** Magic and type, three zeros, token of the receiver, two fields of 8 bytes, code. */
const TOKEN_OFFSET = 8
const FIRST_OFFSET = TOKEN_OFFSET + TOKEN_BYTES
const SECOND_OFFSET = FIRST_OFFSET + 8
const MAC_OFFSET = SECOND_OFFSET + 8

/** All path messages are of one length: no answer is bigger than its question. */
export const PATH_MESSAGE_BYTES = MAC_OFFSET + MAC_BYTES

/** What the two ends of a connection tell each other beside its stream. */
export type PathMessage =
  /** Are you there? `sequence` grows with each. */
  | { readonly type: 'probe'; readonly sequence: number }
  /** The answer, to where the question came from. With a challenge: and is that where you are now? */
  | { readonly type: 'pong'; readonly sequence: number; readonly challenge: Uint8Array | undefined }
  /** Yes: the challenge reached me, and so did this many bytes of the connection. */
  | { readonly type: 'prove'; readonly received: number; readonly challenge: Uint8Array }

const NO_CHALLENGE = new Uint8Array(CHALLENGE_BYTES)

/** A datagram with its authentication code. */
export function sealPathMessage(message: PathMessage, token: Uint8Array, key: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(PATH_MESSAGE_BYTES)
  bytes.set(MAGIC)
  bytes.set(token, TOKEN_OFFSET)
  switch (message.type) {
    case 'probe':
      bytes[TYPE_OFFSET] = TYPE.PROBE
      bytes.writeBigUInt64BE(BigInt(message.sequence), FIRST_OFFSET)
      break
    case 'pong':
      bytes[TYPE_OFFSET] = TYPE.PONG
      bytes.writeBigUInt64BE(BigInt(message.sequence), FIRST_OFFSET)
      bytes.set(message.challenge ?? NO_CHALLENGE, SECOND_OFFSET)
      break
    case 'prove':
      bytes[TYPE_OFFSET] = TYPE.PROVE
      bytes.writeBigUInt64BE(BigInt(message.received), FIRST_OFFSET)
      bytes.set(message.challenge, SECOND_OFFSET)
  }
  bytes.set(macOf(bytes, key), MAC_OFFSET)
  return bytes
}

/** Whom a datagram of this length and these types is for, as text; `undefined`: it is no path message. */
export function tokenOf(datagram: Uint8Array): string | undefined {
  const type = datagram[TYPE_OFFSET]
  if (datagram.length !== PATH_MESSAGE_BYTES || !hasMagic(datagram) || type === undefined || type < TYPE.PROBE) {
    return undefined
  }
  return tokenText(datagram.subarray(TOKEN_OFFSET, FIRST_OFFSET))
}

/** A token as the key of a map. */
export function tokenText(token: Uint8Array): string {
  return Buffer.from(token).toString('latin1')
}

/** What a path message says; `undefined`: it was not made with `key`, or is not well formed. */
export function openPathMessage(datagram: Uint8Array, key: Uint8Array): PathMessage | undefined {
  if (tokenOf(datagram) === undefined) {
    return undefined
  }
  const bytes = Buffer.from(datagram)
  if (!timingSafeEqual(bytes.subarray(MAC_OFFSET), macOf(bytes, key))) {
    return undefined
  }
  const sequence = Number(bytes.readBigUInt64BE(FIRST_OFFSET))
  const challenge = bytes.subarray(SECOND_OFFSET, MAC_OFFSET)
  const hasChallenge = !challenge.equals(NO_CHALLENGE)
  if (!Number.isSafeInteger(sequence)) {
    return undefined
  }
  switch (bytes[TYPE_OFFSET]) {
    case TYPE.PROBE:
      return hasChallenge ? undefined : { type: 'probe', sequence }
    case TYPE.PONG:
      return { type: 'pong', sequence, challenge: hasChallenge ? challenge : undefined }
    case TYPE.PROVE:
      return hasChallenge ? { type: 'prove', received: sequence, challenge } : undefined
    default:
      return undefined
  }
}

function macOf(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(bytes.subarray(0, MAC_OFFSET)).digest().subarray(0, MAC_BYTES)
}
