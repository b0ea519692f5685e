import { hkdfSync } from 'node:crypto'
import { TOKEN_BYTES } from '../wire/path.ts'

/** What each end contributes to the keys. */
export const SECRET_BYTES = 32

const KEY_BYTES = 32
const INFO = 'p2pshare udx-move 1'
const IDS_INFO = 'p2pshare udx-move 1 ids'

/** Keys of one direction: the token that its datagrams carry, and the key of their code. */
export interface DirectionKeys {
  readonly token: Uint8Array
  readonly key: Uint8Array
}

/** Keys of one end. */
export interface PathKeys {
  readonly send: DirectionKeys
  readonly receive: DirectionKeys
  readonly role: Role
  /** From which the ids of successor streams come. */
  readonly base: Uint8Array
}

/** Who asked for the keys, and who answered. */
export type Role = 'asked' | 'answered'

/** What the keys are made of: both ends have the same, in the same order. */
export interface KeyMaterial {
  /** Of the one who opened the exchange. */
  readonly asked: { readonly secret: Uint8Array; readonly streamId: number }
  /** Of the one who answered it. */
  readonly answered: { readonly secret: Uint8Array; readonly streamId: number }
}

/** The keys for one end. Neither end can choose them alone, and they fit no other connection. */
export function derivePathKeys({ asked, answered }: KeyMaterial, role: Role): PathKeys {
  const salt = Buffer.alloc(8)
  salt.writeUInt32BE(asked.streamId, 0)
  salt.writeUInt32BE(answered.streamId, 4)
  const secret = Buffer.concat([asked.secret, answered.secret])
  const bytes = Buffer.from(hkdfSync('sha256', secret, salt, INFO, 2 * (KEY_BYTES + TOKEN_BYTES) + KEY_BYTES))
  const cut = (at: number): DirectionKeys => ({
    key: bytes.subarray(at, at + KEY_BYTES),
    token: bytes.subarray(at + KEY_BYTES, at + KEY_BYTES + TOKEN_BYTES)
  })
  const ofAsked = cut(0)
  const ofAnswered = cut(KEY_BYTES + TOKEN_BYTES)
  const base = bytes.subarray(2 * (KEY_BYTES + TOKEN_BYTES))
  return role === 'asked'
    ? { send: ofAsked, receive: ofAnswered, role, base }
    : { send: ofAnswered, receive: ofAsked, role, base }
}

/** The ids of the two ends of one stream. */
export interface StreamPair {
  readonly localId: number
  readonly remoteId: number
}

/** The ids of the stream that the connection moves to after a challenge. Both ends come to the same, crosswise. */
export function successorIds({ base, role }: PathKeys, challenge: Uint8Array): StreamPair {
  const bytes = Buffer.from(hkdfSync('sha256', base, challenge, IDS_INFO, 8))
  // 0 is no id
  const ofAsked = Math.max(1, bytes.readUInt32BE(0))
  const ofAnswered = Math.max(1, bytes.readUInt32BE(4))
  return role === 'asked' ? { localId: ofAsked, remoteId: ofAnswered } : { localId: ofAnswered, remoteId: ofAsked }
}
