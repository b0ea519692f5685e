import {
  BULK_HANDSHAKE_TIMEOUT_MS,
  BULK_IDLE_TIMEOUT_MS,
  INVITATION_LIFETIME_MS,
  MAX_CHANNELS,
  MAX_CHANNELS_PER_IP,
  MAX_CHANNELS_PER_PEER,
  MAX_PENDING_HANDSHAKES,
  MAX_PENDING_HANDSHAKES_PER_IP
} from './constants.ts'

/** Everything that is bounded about bulk channels. */
export interface BulkBounds {
  readonly handshakeTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly invitationLifetimeMs: number
  readonly maxPending: number
  readonly maxPendingPerIp: number
  readonly maxChannels: number
  readonly maxChannelsPerPeer: number
  readonly maxChannelsPerIp: number
}

export const BULK_BOUNDS: BulkBounds = Object.freeze({
  handshakeTimeoutMs: BULK_HANDSHAKE_TIMEOUT_MS,
  idleTimeoutMs: BULK_IDLE_TIMEOUT_MS,
  invitationLifetimeMs: INVITATION_LIFETIME_MS,
  maxPending: MAX_PENDING_HANDSHAKES,
  maxPendingPerIp: MAX_PENDING_HANDSHAKES_PER_IP,
  maxChannels: MAX_CHANNELS,
  maxChannelsPerPeer: MAX_CHANNELS_PER_PEER,
  maxChannelsPerIp: MAX_CHANNELS_PER_IP
})
