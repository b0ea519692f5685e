/**
 * @packageDocumentation
 *
 * What `@p2pshare/transfer` reads from others, alone: every decoder with its bound, and the encoders beside them. For those who
 * test or implement the protocol; `npm run torture:fuzz` of the repository feeds each with garbage.
 */
export { AnswerReader } from './block/answer-reader.ts'
export {
  MAX_BLOCK_ANSWER_BYTES,
  MAX_BLOCK_REQUEST_BYTES,
  decodeBlockAnswer,
  decodeBlockRequest,
  encodeBlockAnswer,
  encodeBlockRequest
} from './block/wire/codec.ts'
export { BLOCK_BYTES, MAX_NODE_BYTES } from './constants.ts'
export { nameProblem } from './name-rules.ts'
export { safeJoin } from './paths.ts'
export { MAX_MANIFEST_BYTES } from './private/constants.ts'
export { decodeManifest, encodeManifest } from './private/manifest.ts'
export { decodeFingerprints, encodeFingerprints } from './store/fingerprint-codec.ts'
export { MAX_HEADER_BYTES, decodeHeader, encodeHeader, encodeRecords, journalSeed, replay } from './store/journal.ts'
export { MAX_RECORD_BYTES, decodeShareRecord, encodeShareRecord } from './store/share-record.ts'
export { MAX_SOURCE_LENGTH, decodeTicket, encodeTicket, parseSource } from './ticket.ts'
export { MAX_TICKET_PAYLOAD_BYTES, decodeTicketPayload, encodeTicketPayload } from './ticket-payload.ts'
export { readNode } from './unixfs-node.ts'
export { decodeMessage, encodeMessage } from './wire/codec.ts'
export type { Message, Run } from './wire/codec.ts'
export { delimit, Undelimiter } from './wire/delimited.ts'
export { encodeFrameHeader, FRAME_HEADER_BYTES } from './wire/frame.ts'
export { FrameReader } from './wire/frame-reader.ts'
export { MAX_CONTROL_BYTES } from './wire/limits.ts'
