import { NO_CLAIMS } from './context.ts'
import type { Claim, ClaimId, MembershipMessage, PingOrAck } from './types.ts'

export const NONCES = 256

function bare<T extends 'ping' | 'ack'>(type: T): readonly PingOrAck<T>[] {
  return Array.from({ length: NONCES }, (_, nonce) => Object.freeze({ type, nonce, ids: [], claims: NO_CLAIMS }))
}

/** Nearly all messages say nothing but that somebody is there: they are made once. */
const bareMessages = { ping: bare('ping'), ack: bare('ack') }

/** A ping or an ack; the caller must not change what comes back. */
export function pingOrAck(
  type: 'ping' | 'ack',
  nonce: number,
  ids: readonly ClaimId[],
  claims: readonly Claim[]
): MembershipMessage {
  const known = ids.length === 0 && claims.length === 0 ? bareMessages[type][nonce] : undefined
  return known ?? { type, nonce, ids, claims }
}
