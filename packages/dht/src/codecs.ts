/**
 * @packageDocumentation
 *
 * What `@p2pshare/dht` reads from others, alone: every decoder with its bound, and the encoders beside them. For those who
 * test or implement the protocol; `npm run torture:fuzz` of the repository feeds each with garbage.
 */
export { decodeKadMessage, encodeKadMessage } from './wire/codec.ts'
export { MAX_MESSAGE_BYTES } from './wire/limits.ts'
