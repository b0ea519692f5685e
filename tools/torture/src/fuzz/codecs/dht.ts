import { MAX_MESSAGE_BYTES, decodeKadMessage } from '@p2pshare/dht/codecs'
import type { Codec } from '../codec.ts'
import { field } from './vectors.ts'

const KEY = new Uint8Array(34).fill(7)
const PEER = field(0x42, field(0x0a, KEY), field(0x12, [4, 127, 0, 0, 1, 6, 0x0f, 0xa1]), [0x18, 1])

/** A question for providers, one that provides, a record, and an answer full of peers. */
function examples(): Uint8Array[] {
  const provider = Uint8Array.from(PEER)
  provider[0] = 0x4a
  return [
    Buffer.concat([Uint8Array.of(0x08, 3), field(0x12, KEY)]),
    Buffer.concat([Uint8Array.of(0x08, 2), field(0x12, KEY), provider]),
    Buffer.concat([Uint8Array.of(0x08, 1), field(0x12, KEY), field(0x1a, field(0x0a, KEY), field(0x12, [1, 2, 3]))]),
    Buffer.concat([Uint8Array.of(0x08, 4), ...Array.from({ length: 20 }, () => PEER)])
  ]
}

export const DHT_CODECS: readonly Codec[] = [
  {
    name: 'dht/message',
    cap: ['MAX_MESSAGE_BYTES', MAX_MESSAGE_BYTES],
    shape: 'protobuf',
    examples,
    decode: decodeKadMessage
  }
]
