import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidMessageError } from '@p2pshare/interface'
import { MAX_ADDRESS_BYTES, NONCE_BYTES } from '../constants.ts'
import type { DialBackResult } from '../verdict.ts'
import { Answer, Ask, Proof } from '../wire/messages.ts'

/** A question, checked. */
export interface AskMessage {
  readonly address: Multiaddr
  readonly nonce: Uint8Array
}

const STATUS: Readonly<Record<DialBackResult, Answer.Status>> = {
  ok: Answer.Status.OK,
  unreachable: Answer.Status.UNREACHABLE,
  refused: Answer.Status.REFUSED,
  'try-later': Answer.Status.TRY_LATER
}

/** See `decodeAsk`. */
export function encodeAsk({ address, nonce }: AskMessage): Uint8Array {
  return Ask.encode({ address: Uint8Array.from(address.bytes), nonce: Uint8Array.from(nonce) })
}

/** @throws InvalidMessageError for everything that no honest node sends */
export function decodeAsk(bytes: Uint8Array): AskMessage {
  const { address, nonce } = decode('ask', () => Ask.decode(bytes))
  const length = address?.byteLength ?? 0
  if (address === undefined || length === 0 || length > MAX_ADDRESS_BYTES) {
    throw new InvalidMessageError(`dial-back: an address of ${length} bytes`)
  }
  return { address: decode('address', () => multiaddr(address)), nonce: checkNonce(nonce) }
}

/** See `decodeAnswer`. */
export function encodeAnswer(result: DialBackResult): Uint8Array {
  return Answer.encode({ status: STATUS[result] })
}

/** @throws InvalidMessageError */
export function decodeAnswer(bytes: Uint8Array): DialBackResult {
  const { status } = decode('answer', () => Answer.decode(bytes))
  const result = (Object.keys(STATUS) as DialBackResult[]).find((name) => STATUS[name] === status)
  if (result === undefined) {
    throw new InvalidMessageError('dial-back: an answer without a status')
  }
  return result
}

/** See `decodeProof`. */
export function encodeProof(nonce: Uint8Array): Uint8Array {
  return Proof.encode({ nonce: Uint8Array.from(nonce) })
}

/** @throws InvalidMessageError */
export function decodeProof(bytes: Uint8Array): Uint8Array {
  const { nonce } = decode('proof', () => Proof.decode(bytes))
  return checkNonce(nonce)
}

function checkNonce(nonce: Uint8Array | undefined): Uint8Array {
  if (nonce?.byteLength !== NONCE_BYTES) {
    throw new InvalidMessageError(`dial-back: a nonce of ${nonce?.byteLength ?? 0} bytes`)
  }
  return nonce
}

function decode<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new InvalidMessageError(`dial-back: ${what} cannot be decoded`, { cause })
  }
}
