import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import {
  FrameReader,
  MAX_BATCH_BYTES,
  MAX_CLAIM_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_METADATA_BYTES,
  MAX_NETWORK_MESSAGE_BYTES,
  MAX_PRESENCE_BYTES,
  decodeBatch,
  decodeClaim,
  decodeMessage,
  decodeMetadata,
  decodeNetworkMessage,
  decodePresence,
  encodeBatch,
  encodeClaimBody,
  encodeMessage,
  encodeMetadata,
  encodeNetworkMessage,
  encodePresence,
  encodeSignedClaim,
  withLength
} from '@p2pshare/gossip/codecs'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import type { Codec } from '../codec.ts'

const PEER = peerIdFromString('12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8')
const ADDRESS = multiaddr('/ip4/192.0.2.1/udp/4001/quic-v1')
const ROOT = CID.createV1(0x70, Digest.create(0x12, new Uint8Array(32).fill(7)))
const SUBJECT = PEER.toMultihash().bytes
const SIGNATURE = new Uint8Array(64).fill(3)

const CLAIMS = [
  encodeClaimBody({
    kind: 'alive',
    subject: SUBJECT,
    incarnation: 7,
    metadata: encodeMetadata({ addresses: [ADDRESS], roles: ['seed'], version: '1', load: 3 }, PEER)
  }),
  encodeClaimBody({ kind: 'left', subject: SUBJECT, incarnation: 2 ** 40 }),
  encodeClaimBody({ kind: 'suspect', subject: SUBJECT, incarnation: 1, accuser: SUBJECT, evidence: 'silent' })
].map((body) => encodeSignedClaim(body, SIGNATURE))

const FRAMES = [
  encodeMessage({ type: 'ping', nonce: 7, ids: [1, 2 ** 52], claims: [] }),
  encodeMessage({ type: 'prune' }),
  encodeMessage({ type: 'want', ids: [1, 2, 3] }),
  encodeMessage({ type: 'digest', members: 9, buckets: [1, 2, 3, 4] }),
  encodeMessage({ type: 'summary', of: 16, buckets: [1, 2], ids: [9, 8], answer: true }),
  encodeMessage({ type: 'sync', claims: [], done: true })
]

const RELAYED = {
  from: SUBJECT,
  seqno: new Uint8Array(8),
  data: new Uint8Array(20),
  signature: SIGNATURE,
  ageMs: 5,
  key: new Uint8Array()
}

export const GOSSIP_CODECS: readonly Codec[] = [
  {
    name: 'gossip/frame',
    cap: ['MAX_MESSAGE_BYTES', MAX_MESSAGE_BYTES],
    shape: 'protobuf',
    examples: () => FRAMES,
    decode: decodeMessage
  },
  {
    name: 'gossip/stream',
    cap: ['MAX_MESSAGE_BYTES', MAX_MESSAGE_BYTES],
    shape: 'protobuf',
    isStream: true,
    examples: () => [Buffer.concat(FRAMES.map(withLength))],
    decode: (input) => {
      const reader = new FrameReader()
      reader.push(input)
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        decodeMessage(frame)
      }
    }
  },
  {
    name: 'gossip/claim',
    cap: ['MAX_CLAIM_BYTES', MAX_CLAIM_BYTES],
    shape: 'protobuf',
    examples: () => CLAIMS,
    decode: decodeClaim
  },
  {
    name: 'gossip/metadata',
    cap: ['MAX_METADATA_BYTES', MAX_METADATA_BYTES],
    shape: 'protobuf',
    examples: () => [
      encodeMetadata({ addresses: [ADDRESS], roles: ['seed', 'relay'], version: '1.0', load: 50 }, PEER)
    ],
    decode: (input) => decodeMetadata(input, PEER)
  },
  {
    name: 'gossip/direct',
    cap: ['MAX_BATCH_BYTES', MAX_BATCH_BYTES],
    shape: 'protobuf',
    examples: () => [
      encodeBatch([
        { type: 'exchange', topic: 'share', presence: new Uint8Array(30), messages: [RELAYED, RELAYED] },
        {
          type: 'answer',
          question: new Uint8Array(16),
          payload: new Uint8Array(9),
          from: SUBJECT,
          signature: SIGNATURE,
          key: new Uint8Array()
        }
      ])
    ],
    decode: decodeBatch
  },
  {
    name: 'gossip/network',
    cap: ['MAX_NETWORK_MESSAGE_BYTES', MAX_NETWORK_MESSAGE_BYTES],
    shape: 'protobuf',
    examples: () => [
      encodeNetworkMessage({ type: 'announcement', root: ROOT, name: 'holiday', bytes: 9, multiaddrs: [ADDRESS] }),
      encodeNetworkMessage({
        type: 'question',
        id: new Uint8Array(16),
        topic: 'search',
        payload: new Uint8Array(9),
        deadlineMs: 5000,
        maxAnswers: 9
      })
    ],
    decode: (input) => decodeNetworkMessage(input, PEER)
  },
  {
    name: 'gossip/presence',
    cap: ['MAX_PRESENCE_BYTES', MAX_PRESENCE_BYTES],
    shape: 'protobuf',
    examples: () => [
      encodePresence({
        type: 'here',
        multiaddrs: [ADDRESS],
        everyS: 60,
        have: { leaves: 9, held: 3, map: Uint8Array.of(7, 1) }
      }),
      encodePresence({ type: 'leaving' })
    ],
    decode: (input) => decodePresence(input, PEER)
  }
]
