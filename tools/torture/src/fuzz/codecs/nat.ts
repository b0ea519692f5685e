import { multiaddr } from '@multiformats/multiaddr'
import {
  MAX_DIAL_BACK_BYTES,
  MAX_INFO_BYTES,
  MAX_PCP_BYTES,
  MAX_PUNCH_BYTES,
  MAX_SSDP_BYTES,
  MAX_STUN_BYTES,
  MAX_UPNP_BODY_BYTES,
  PROBE_BYTES,
  ProbeCodec,
  decodeAsk,
  decodeDialBackAnswer,
  decodeNatPmpResponse,
  decodeObserved,
  decodePcpResponse,
  decodeProof,
  decodePunch,
  decodeSearchAnswer,
  decodeSoapAnswer,
  decodeStun,
  decodeStunInfo,
  decodeStunQuery,
  encodeObserved,
  encodePcpMap,
  encodeStun,
  encodeStunInfo,
  encodeStunQuery,
  findControl,
  readSource
} from '@p2pshare/nat/codecs'
import { hexBytes, textBytes, utf8 } from '../codec.ts'
import type { Codec } from '../codec.ts'
import { field, vectors } from './vectors.ts'

const VECTORS = 'nat/test/fixtures/nat-vectors'
const ID = new Uint8Array(12).fill(5)
const OTHER = { host: '192.0.2.9', port: 3478 }
const ROUTER = 'http://192.168.1.1:5000/root.xml'

/** What comes over UDP from anybody. */
const DATAGRAMS: readonly Codec[] = [
  {
    name: 'nat/stun',
    cap: ['MAX_STUN_BYTES', MAX_STUN_BYTES],
    shape: 'bytes',
    examples: () => [
      encodeStun({ class: 'request', transactionId: ID, change: { ip: true, port: true } }, 200),
      encodeStun({
        class: 'success',
        transactionId: ID,
        mapped: OTHER,
        origin: OTHER,
        other: { host: '::1', port: 9 }
      }),
      encodeStun({ class: 'error', transactionId: ID, failure: { code: 420, reason: 'no' }, unknown: [1, 2] })
    ],
    decode: decodeStun
  },
  {
    name: 'nat/probe',
    cap: ['PROBE_BYTES', PROBE_BYTES],
    shape: 'bytes',
    examples: () => vectors(VECTORS, 'probes'),
    decode: (input) =>
      new ProbeCodec({ attempt: ID.subarray(0, 8), key: new Uint8Array(32), role: 'initiator' }).decode(input)
  },
  {
    name: 'nat/pcp',
    cap: ['MAX_PCP_BYTES', MAX_PCP_BYTES],
    shape: 'bytes',
    examples: () => {
      const answer = encodePcpMap({
        clientIp: '192.168.1.7',
        nonce: ID,
        protocol: 'udp',
        internalPort: 4001,
        suggestedPort: 4001,
        suggestedIp: '0.0.0.0',
        lifetimeSeconds: 7200
      })
      answer[1] = 0x81
      return [answer, ...hexBytes('0280000000000000000000000000000000000000 00000000')]
    },
    decode: decodePcpResponse
  },
  {
    name: 'nat/nat-pmp',
    cap: ['MAP_BYTES', 16],
    shape: 'bytes',
    examples: () => hexBytes('0080000000000001c0000201', '00810000000000010fa10fa100001c20', '0081000200000001'),
    decode: decodeNatPmpResponse
  },
  {
    name: 'nat/ssdp',
    cap: ['MAX_SSDP_BYTES', MAX_SSDP_BYTES],
    shape: 'text',
    words: [
      'HTTP/1.1 200 OK',
      '\r\n',
      'ST:',
      'LOCATION: ',
      'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
      ROUTER
    ],
    examples: () =>
      textBytes(
        `HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nLOCATION: ${ROUTER}\r\n\r\n`
      ),
    decode: (input) => decodeSearchAnswer(input, '192.168.1.1')
  }
]

/** What a router says as text. */
const TEXTS: readonly Codec[] = [
  {
    name: 'nat/upnp-description',
    cap: ['MAX_UPNP_BODY_BYTES', MAX_UPNP_BODY_BYTES],
    shape: 'text',
    words: [
      '<service>',
      '</service>',
      '<serviceType>',
      '<serviceType ',
      '</',
      '<controlURL>',
      '/ctl',
      '<URLBase>',
      '&amp;',
      'urn:schemas-upnp-org:service:WANIPConnection:1'
    ],
    examples: () =>
      textBytes(
        '<root><service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL>/ctl</controlURL></service></root>'
      ),
    decode: (input) => findControl(utf8.decode(input), new URL(ROUTER))
  },
  {
    name: 'nat/upnp-answer',
    cap: ['MAX_UPNP_BODY_BYTES', MAX_UPNP_BODY_BYTES],
    shape: 'text',
    words: [
      'AddPortMappingResponse',
      '<errorCode>',
      '<x:errorCode ',
      '</',
      '718',
      '<NewExternalIPAddress>',
      '&lt;',
      '>'
    ],
    examples: () =>
      textBytes(
        '<u:AddPortMappingResponse><NewReservedPort>4001</NewReservedPort></u:AddPortMappingResponse>',
        '<UPnPError><errorCode>718</errorCode><errorDescription>Conflict</errorDescription></UPnPError>'
      ),
    decode: (input) => decodeSoapAnswer(utf8.decode(input), 'AddPortMapping', 'NewReservedPort')
  }
]

/** What a connected peer says. */
const MESSAGES: readonly Codec[] = [
  {
    name: 'nat/punch',
    cap: ['MAX_PUNCH_BYTES', MAX_PUNCH_BYTES],
    shape: 'protobuf',
    examples: () => vectors(VECTORS, 'punch'),
    decode: decodePunch
  },
  {
    name: 'nat/dial-back-ask',
    cap: ['MAX_DIAL_BACK_BYTES', MAX_DIAL_BACK_BYTES],
    shape: 'protobuf',
    examples: () => vectors(VECTORS, 'dialBack'),
    decode: decodeAsk
  },
  {
    name: 'nat/dial-back-answer',
    cap: ['MAX_DIAL_BACK_BYTES', MAX_DIAL_BACK_BYTES],
    shape: 'protobuf',
    examples: () => vectors(VECTORS, 'dialBack'),
    decode: decodeDialBackAnswer
  },
  {
    name: 'nat/dial-back-proof',
    cap: ['MAX_DIAL_BACK_BYTES', MAX_DIAL_BACK_BYTES],
    shape: 'protobuf',
    examples: () => vectors(VECTORS, 'dialBack'),
    decode: decodeProof
  },
  {
    name: 'nat/observed',
    cap: ['MAX_INFO_BYTES', MAX_INFO_BYTES],
    shape: 'protobuf',
    examples: () => [encodeObserved({ address: multiaddr('/ip4/192.0.2.1/tcp/4001'), timeMs: 1_700_000_000_000 })],
    decode: decodeObserved
  },
  {
    name: 'nat/stun-query',
    cap: ['MAX_INFO_BYTES', MAX_INFO_BYTES],
    shape: 'protobuf',
    examples: () => [encodeStunQuery({ knock: { port: 9, transactionId: ID } }), encodeStunQuery({})],
    decode: decodeStunQuery
  },
  {
    name: 'nat/stun-info',
    cap: ['MAX_INFO_BYTES', MAX_INFO_BYTES],
    shape: 'protobuf',
    examples: () => [
      encodeStunInfo({ knocked: true, endpoints: [{ family: 4, port: 9, otherPort: 10, otherHost: '192.0.2.1' }] })
    ],
    decode: decodeStunInfo
  },
  {
    name: 'nat/relay-stop',
    cap: ['a message of circuit relay', 4096],
    shape: 'protobuf',
    examples: () => [
      field(0x2a, [0x08, 0], field(0x12, field(0x0a, [0x12, 0x20], new Uint8Array(32).fill(7)))).subarray(1)
    ],
    decode: readSource
  }
]

export const NAT_CODECS: readonly Codec[] = [...DATAGRAMS, ...TEXTS, ...MESSAGES]
