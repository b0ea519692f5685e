import { createSecretKey } from 'node:crypto'
import { MAX_CERTIFICATE_BYTES, parseCertificate } from '@p2pshare/transport-tcp/codecs'
import {
  INIT_BYTES,
  MAX_RECORD_BYTES,
  PATH_MESSAGE_BYTES,
  PREFACE_BYTES,
  RECORD_OVERHEAD_BYTES,
  decodeHandshake,
  decodePreface,
  encodePreface,
  openPathMessage,
  openRecord,
  sealPathMessage,
  sealRecord
} from '@p2pshare/transport-udx/codecs'
import type { Codec } from '../codec.ts'
import { vectors } from './vectors.ts'

const KEY = createSecretKey(new Uint8Array(32).fill(9))
const PATH_KEY = new Uint8Array(32).fill(9)
const UDX = 'transport-udx/test/fixtures/udx-vectors'

export const TRANSPORT_CODECS: readonly Codec[] = [
  {
    name: 'transport-tcp/certificate',
    cap: ['MAX_CERTIFICATE_BYTES', MAX_CERTIFICATE_BYTES],
    shape: 'der',
    examples: () => vectors('transport-tcp/test/fixtures/tls-certificates', 'vectors'),
    decode: parseCertificate
  },
  {
    name: 'transport-udx/handshake',
    cap: ['INIT_BYTES', INIT_BYTES],
    shape: 'bytes',
    examples: () => vectors(UDX, 'init', 'initWithCookie', 'retry', 'accept', 'reject'),
    decode: decodeHandshake
  },
  {
    name: 'transport-udx/path',
    cap: ['PATH_MESSAGE_BYTES', PATH_MESSAGE_BYTES],
    shape: 'bytes',
    examples: () => [
      sealPathMessage({ type: 'probe', sequence: 7 }, new Uint8Array(8), PATH_KEY),
      sealPathMessage(
        { type: 'prove', received: 7, challenge: new Uint8Array(8).fill(1) },
        new Uint8Array(8),
        PATH_KEY
      ),
      ...vectors(UDX, 'probe')
    ],
    decode: (input) => openPathMessage(input, PATH_KEY)
  },
  {
    name: 'transport-udx/preface',
    cap: ['PREFACE_BYTES', PREFACE_BYTES],
    shape: 'bytes',
    examples: () => [encodePreface({ received: 7, start: 2 ** 40 })],
    decode: decodePreface
  },
  {
    name: 'transport-udx/bulk-record',
    cap: ['MAX_RECORD_BYTES', MAX_RECORD_BYTES + RECORD_OVERHEAD_BYTES],
    shape: 'bytes',
    examples: () => [
      sealRecord(KEY, { type: 'data', number: 1, parts: [new Uint8Array(40)] }),
      sealRecord(KEY, { type: 'credit', number: 9 }),
      sealRecord(KEY, { type: 'end', number: 2 })
    ],
    decode: (input) => openRecord(KEY, Buffer.from(input))
  }
]
