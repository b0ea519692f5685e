import { createSecretKey, hkdfSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { StreamPair } from '../path/keys.ts'
import { LANES } from './constants.ts'

const KEY_BYTES = 32
const ID_BYTES = 4
const INFO = 'p2pshare udx-bulk 1'

/** Who made the token, and who came with it. */
export type BulkRole = 'inviter' | 'opener'

/** What one end of a channel needs. */
export interface BulkKeys {
  readonly send: KeyObject
  readonly receive: KeyObject
  /** The streams, in the order in which both ends count them. */
  readonly lanes: readonly StreamPair[]
}

/** All that a channel is, out of the token that only the two peers know. Both ends come to the same, crosswise. */
export function deriveBulkKeys(token: Uint8Array, role: BulkRole): BulkKeys {
  const bytes = Buffer.from(hkdfSync('sha256', token, '', INFO, 2 * KEY_BYTES + 2 * LANES * ID_BYTES))
  const ofInviter = createSecretKey(bytes.subarray(0, KEY_BYTES))
  const ofOpener = createSecretKey(bytes.subarray(KEY_BYTES, 2 * KEY_BYTES))
  const ids = Array.from({ length: LANES }, (_, lane) => {
    const at = 2 * KEY_BYTES + 2 * lane * ID_BYTES
    // 0 is no id
    return { inviter: Math.max(1, bytes.readUInt32BE(at)), opener: Math.max(1, bytes.readUInt32BE(at + ID_BYTES)) }
  })
  return role === 'inviter'
    ? {
        send: ofInviter,
        receive: ofOpener,
        lanes: ids.map(({ inviter, opener }) => ({ localId: inviter, remoteId: opener }))
      }
    : {
        send: ofOpener,
        receive: ofInviter,
        lanes: ids.map(({ inviter, opener }) => ({ localId: opener, remoteId: inviter }))
      }
}
