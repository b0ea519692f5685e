import {
  AnswerReader,
  FRAME_HEADER_BYTES,
  FrameReader,
  MAX_BLOCK_ANSWER_BYTES,
  MAX_BLOCK_REQUEST_BYTES,
  MAX_CONTROL_BYTES,
  MAX_HEADER_BYTES,
  MAX_MANIFEST_BYTES,
  MAX_NODE_BYTES,
  MAX_RECORD_BYTES,
  MAX_SOURCE_LENGTH,
  MAX_TICKET_PAYLOAD_BYTES,
  Undelimiter,
  decodeBlockAnswer,
  decodeBlockRequest,
  decodeFingerprints,
  decodeHeader,
  decodeManifest,
  decodeMessage,
  decodeShareRecord,
  decodeTicketPayload,
  encodeBlockAnswer,
  encodeBlockRequest,
  encodeFingerprints,
  encodeHeader,
  encodeManifest,
  encodeRecords,
  encodeShareRecord,
  encodeTicket,
  encodeTicketPayload,
  journalSeed,
  parseSource,
  readNode,
  replay
} from '@p2pshare/transfer/codecs'
import { peerIdFromCID } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { textBytes, utf8 } from '../codec.ts'
import type { Codec } from '../codec.ts'
import { field, vectors } from './vectors.ts'

const WIRE = 'transfer/test/fixtures/wire-vectors'
const TICKETS = 'transfer/test/fixtures/tickets'

const ROOT = CID.createV1(0x70, Digest.create(0x12, new Uint8Array(32).fill(7)))
const LEAF = CID.createV1(0x55, Digest.create(0x12, new Uint8Array(32).fill(8)))
const LEAVES = 1000
const JOURNAL = encodeHeader({ root: ROOT.bytes, leafCount: LEAVES })
const REPLAY = { seed: journalSeed(JOURNAL), leafCount: LEAVES }

/** As many addresses as a ticket may have, each as short as can be: what takes most when it is read. */
function fullTicket(): Uint8Array {
  const multiaddrs = Array.from({ length: TICKET_ADDRESSES }, (_, port) => multiaddr(`/ip4/10.0.0.1/udp/${port + 1}`))
  const provider = { id: peerIdFromCID(CID.createV1(0x72, PEER)), multiaddrs }
  return encodeTicketPayload({ root: ROOT, providers: Array.from({ length: TICKET_PROVIDERS }, () => provider) })
}

/** Of each, `MAX_TICKET_PROVIDERS` and `MAX_TICKET_ADDRESSES`. */
const [TICKET_PROVIDERS, TICKET_ADDRESSES] = [8, 16]

/** An Ed25519 key in an identity hash. */
const PEER = Digest.create(0, Buffer.concat([Uint8Array.of(8, 1, 18, 32), new Uint8Array(32).fill(9)]))

const TICKET_HEAP = {
  bytes: TICKET_PROVIDERS * TICKET_ADDRESSES * 8 * 1024,
  why: 'each of 128 addresses is read by `@multiformats/multiaddr`, said as text and read again'
}

/** A stream lane brings bytes in pieces of any size. */
const STREAM_BYTES = 4096

/** What sends and reads bytes between two nodes. */
const WIRE_CODECS: readonly Codec[] = [
  {
    name: 'transfer/control',
    cap: ['MAX_CONTROL_BYTES', MAX_CONTROL_BYTES],
    shape: 'protobuf',
    examples: () => vectors(WIRE, 'messages', 'invalidMessages'),
    decode: decodeMessage
  },
  {
    name: 'transfer/control-lane',
    cap: ['MAX_CONTROL_BYTES', MAX_CONTROL_BYTES],
    shape: 'protobuf',
    isStream: true,
    examples: () => vectors(WIRE, 'controlLanes'),
    decode: (input) => {
      const lane = new Undelimiter(MAX_CONTROL_BYTES)
      for (let at = 0; at < input.byteLength;) {
        const { message, next } = lane.take(input, at)
        if (message !== undefined) {
          decodeMessage(message)
        }
        at = next
      }
    }
  },
  {
    name: 'transfer/data-lane',
    cap: ['STREAM_BYTES', STREAM_BYTES],
    shape: 'bytes',
    examples: () => vectors(WIRE, 'frameHeaders', 'invalidFrameHeaders', 'dataLanes'),
    decode: readDataLane
  },
  {
    name: 'transfer/block-request',
    cap: ['MAX_BLOCK_REQUEST_BYTES', MAX_BLOCK_REQUEST_BYTES],
    shape: 'protobuf',
    examples: () => [
      encodeBlockRequest({ id: 3, cid: LEAF }).subarray(1),
      encodeBlockRequest({ id: 2 ** 31, cid: LEAF, root: ROOT }).subarray(1)
    ],
    decode: decodeBlockRequest
  },
  {
    name: 'transfer/block-answer',
    cap: ['MAX_BLOCK_ANSWER_BYTES', MAX_BLOCK_ANSWER_BYTES],
    shape: 'protobuf',
    examples: () => [
      encodeBlockAnswer({ id: 3, bytes: 4096 }).subarray(1),
      encodeBlockAnswer({ id: 3, refusal: 'not-held' }).subarray(1)
    ],
    decode: decodeBlockAnswer
  },
  {
    name: 'transfer/block-stream',
    cap: ['STREAM_BYTES', STREAM_BYTES],
    shape: 'protobuf',
    examples: () => [Buffer.concat([encodeBlockAnswer({ id: 1, bytes: 4 }), Uint8Array.of(1, 2, 3, 4)])],
    decode: (input) => {
      const reader = new AnswerReader({
        state: (id) => (['wanted', 'unwanted'] as const)[id - 1],
        block: () => undefined,
        ended: () => undefined
      })
      reader.push(input)
    }
  }
]

/** What names and describes content. */
const CONTENT_CODECS: readonly Codec[] = [
  {
    name: 'transfer/node',
    cap: ['MAX_NODE_BYTES', MAX_NODE_BYTES],
    shape: 'protobuf',
    examples: nodes,
    decode: (input) => readNode(ROOT, input)
  },
  {
    name: 'transfer/manifest',
    cap: ['MAX_MANIFEST_BYTES', Math.min(MAX_MANIFEST_BYTES, 64 * 1024)],
    shape: 'bytes',
    examples: () => [
      encodeManifest({ kind: 'file', files: [{ path: '', bytes: 9 }], directories: [] }),
      encodeManifest({ kind: 'directory', files: [{ path: 'a/b', bytes: 2 ** 40 }], directories: ['a', 'c'] })
    ],
    decode: decodeManifest
  },
  {
    name: 'transfer/ticket-payload',
    cap: ['MAX_TICKET_PAYLOAD_BYTES', MAX_TICKET_PAYLOAD_BYTES],
    shape: 'cbor',
    examples: () => [...vectors(TICKETS, 'valid', 'invalid'), fullTicket()],
    extraHeap: TICKET_HEAP,
    decode: decodeTicketPayload
  },
  {
    name: 'transfer/source',
    cap: ['MAX_SOURCE_LENGTH', MAX_SOURCE_LENGTH],
    shape: 'text',
    words: ['p2pshare1', 'p2pshare:', 'ipfs://', '/ipfs/', ROOT.toString(), 'Qm', '<', '>', '  '],
    examples: () =>
      textBytes(ROOT.toString(), `/ipfs/${ROOT.toString()}`, encodeTicket({ root: ROOT, name: 'a', providers: [] })),
    extraHeap: TICKET_HEAP,
    decode: (input) => parseSource(utf8.decode(input))
  }
]

/** What a store finds on its disk after a crash, or after somebody was at it. */
const STORE_CODECS: readonly Codec[] = [
  {
    name: 'transfer/journal-header',
    cap: ['MAX_HEADER_BYTES', MAX_HEADER_BYTES],
    shape: 'bytes',
    examples: () => [JOURNAL],
    decode: decodeHeader
  },
  {
    name: 'transfer/journal',
    cap: ['STREAM_BYTES', STREAM_BYTES],
    shape: 'bytes',
    examples: () => [
      encodeRecords(
        [
          { type: 'have', start: 0, count: 9 },
          { type: 'checkpoint', records: 1 },
          { type: 'drop', start: 3, count: 2 },
          { type: 'have', start: 990, count: 10 }
        ],
        REPLAY.seed
      )
    ],
    decode: (input) => replay(input, REPLAY)
  },
  {
    name: 'transfer/fingerprints',
    // of three files; the file as a whole is bounded by MAX_FINGERPRINTS_BYTES
    cap: ['STREAM_BYTES', STREAM_BYTES],
    shape: 'cbor',
    examples: () => [
      encodeFingerprints({ mtimeMs: Float64Array.of(1, 2, 3), ino: Float64Array.of(4, 5, 6) }),
      encodeFingerprints({ mtimeMs: new Float64Array(), ino: new Float64Array() })
    ],
    decode: (input) => decodeFingerprints(input, 3)
  },
  {
    name: 'transfer/share-record',
    cap: ['MAX_RECORD_BYTES', Math.min(MAX_RECORD_BYTES, 64 * 1024)],
    shape: 'text',
    words: ['{', '}', '"share":', '"crc32":', '"v":1', '[', ']', ',', '0', '"root":', '1e999', 'null', '"__proto__":'],
    examples: () => [
      encodeShareRecord({
        root: ROOT,
        name: 'a',
        path: '/srv/a',
        kind: 'directory',
        bytes: 3,
        files: 3,
        leaves: 1,
        addedAt: 1,
        complete: false,
        wanted: [0, 2]
      })
    ],
    decode: decodeShareRecord
  }
]

export const TRANSFER_CODECS: readonly Codec[] = [...WIRE_CODECS, ...CONTENT_CODECS, ...STORE_CODECS]

function readDataLane(input: Uint8Array): void {
  const scratch = new Uint8Array(STREAM_BYTES)
  const body = { room: () => scratch, filled: () => undefined, end: () => undefined }
  const reader = new FrameReader({ open: () => body })
  for (let at = 0; at < input.byteLength; at += FRAME_HEADER_BYTES + 1) {
    reader.push(input.subarray(at, at + FRAME_HEADER_BYTES + 1))
  }
  reader.end()
}

/** A leaf, a file of two leaves, a directory, a shard and a symlink, as dag-pb. */
function nodes(): Uint8Array[] {
  const link = (cid: CID, name: string, size: number): Uint8Array =>
    field(0x12, field(0x0a, cid.bytes), field(0x12, Buffer.from(name)), [0x18, size])
  const slots = new Uint8Array(32).fill(1, 31)
  return [
    field(0x0a, [0x08, 0x02], field(0x12, [1, 2, 3, 4]), [0x18, 0x04]),
    Buffer.concat([
      link(LEAF, '', 4),
      link(LEAF, '', 4),
      field(0x0a, [0x08, 0x02, 0x18, 0x08, 0x20, 0x04, 0x20, 0x04])
    ]),
    Buffer.concat([link(LEAF, 'a', 4), link(ROOT, 'b', 9), field(0x0a, [0x08, 0x01])]),
    Buffer.concat([
      link(LEAF, '00a', 4),
      field(0x0a, [0x08, 0x05], field(0x12, slots), [0x28, 0x22, 0x30, 0x80, 0x02])
    ]),
    field(0x0a, [0x08, 0x04], field(0x12, Buffer.from('../a')))
  ]
}
