/**
 * @packageDocumentation
 *
 * What `@p2pshare/transport-udx` reads from others, alone: every decoder with its bound, and the encoders beside them. For those who
 * test or implement the protocol; `npm run torture:fuzz` of the repository feeds each with garbage.
 */
export { MAX_RECORD_BYTES } from './bulk/constants.ts'
export { RECORD_OVERHEAD_BYTES, openRecord, sealRecord } from './bulk/record.ts'
export { ANSWER_BYTES, INIT_BYTES, decodeHandshake, encodeHandshake } from './wire/handshake.ts'
export { PATH_MESSAGE_BYTES, openPathMessage, sealPathMessage } from './wire/path.ts'
export { PREFACE_BYTES, decodePreface, encodePreface } from './wire/preface.ts'
