/**
 * @packageDocumentation
 *
 * What `@p2pshare/gossip` reads from others, alone: every decoder with its bound, and the encoders beside them. For those who
 * test or implement the protocol; `npm run torture:fuzz` of the repository feeds each with garbage.
 */
export { FrameReader, withLength } from './links/frame-reader.ts'
export { MAX_MESSAGE_BYTES, MAX_METADATA_BYTES } from './membership/bounds.ts'
export { MAX_BATCH_BYTES, MAX_NETWORK_MESSAGE_BYTES, MAX_PRESENCE_BYTES } from './topics/constants.ts'
export { decodeClaim, encodeClaimBody, encodeSignedClaim } from './wire/claim-codec.ts'
export { decodeBatch, encodeBatch } from './wire/direct-codec.ts'
export { decodeMessage, encodeMessage } from './wire/frame-codec.ts'
export { MAX_CLAIM_BYTES } from './wire/limits.ts'
export { decodeMetadata, encodeMetadata } from './wire/metadata-codec.ts'
export { decodeNetworkMessage, encodeNetworkMessage } from './wire/network-codec.ts'
export { decodePresence, encodePresence } from './wire/presence-codec.ts'
