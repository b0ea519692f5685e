import { expect, test } from 'vitest'
import { MAX_PCP_BYTES } from '../../../src/port-map/constants.ts'
import {
  answersPcpMap,
  decodePcpResponse,
  encodePcpAnnounce,
  encodePcpMap,
  pcpResult
} from '../../../src/port-map/wire/pcp.ts'

const REQUEST = {
  clientIp: '192.168.1.2',
  nonce: Uint8Array.from({ length: 12 }, (_, index) => index + 1),
  protocol: 'tcp',
  internalPort: 4001,
  suggestedPort: 4002,
  suggestedIp: '0.0.0.0',
  lifetimeSeconds: 7200
} as const

/** RFC 6887 section 7.1 and 11.1, written out by hand. */
const REQUEST_HEX =
  '02010000' +
  '00001c20' +
  '00000000000000000000ffffc0a80102' +
  '0102030405060708090a0b0c' +
  '06000000' +
  '0fa10fa2' +
  '00000000000000000000ffff00000000'

const ANSWER_HEX =
  '02810000' +
  '00000e10' +
  '000003e8' +
  '000000000000000000000000' +
  '0102030405060708090a0b0c' +
  '06000000' +
  '0fa10fa3' +
  '00000000000000000000ffff05050101'

test('a question for a mapping has the bytes of RFC 6887', () => {
  expect(Buffer.from(encodePcpMap(REQUEST)).toString('hex')).toBe(REQUEST_HEX)
  expect(encodePcpAnnounce('192.168.1.2')).toHaveLength(24)
})

test('an answer of RFC 6887 is read', () => {
  const response = decodePcpResponse(Buffer.from(ANSWER_HEX, 'hex'))
  expect(response).toMatchObject({ opcode: 1, result: 0, lifetimeSeconds: 3600, epochSeconds: 1000 })
  expect(response.map).toMatchObject({ internalPort: 4001, externalPort: 4003, externalIp: '5.5.1.1' })
  expect(answersPcpMap(response, REQUEST)).toBe(true)
})

test.each([
  ['port', { internalPort: 4000 }],
  ['protocol', { protocol: 'udp' as const }],
  ['nonce', { nonce: new Uint8Array(12) }]
])('an answer about another %s is not the one', (_, other) => {
  expect(answersPcpMap(decodePcpResponse(Buffer.from(ANSWER_HEX, 'hex')), { ...REQUEST, ...other })).toBe(false)
})

test('a refusal without the part of the mapping is one of this question', () => {
  const refusal = Buffer.from(ANSWER_HEX, 'hex').subarray(0, 24)
  refusal[3] = 2
  const response = decodePcpResponse(refusal)
  expect(answersPcpMap(response, REQUEST)).toBe(true)
  expect(pcpResult(response.result)).toBe('not authorized')
})

test.each([
  ['a question', REQUEST_HEX],
  ['a NAT-PMP answer', '00800001' + '00000000' + '00'.repeat(16)],
  ['23 bytes', ANSWER_HEX.slice(0, 46)],
  ['25 bytes', ANSWER_HEX.slice(0, 50)],
  ['a mapping that is cut', ANSWER_HEX.slice(0, 112)]
])('%s is no answer', (_, hex) => {
  expect(() => decodePcpResponse(Buffer.from(hex, 'hex'))).toThrow('PCP')
})

test('an answer has at most 1100 bytes', () => {
  const longest = Buffer.alloc(MAX_PCP_BYTES)
  Buffer.from(ANSWER_HEX, 'hex').copy(longest)
  expect(decodePcpResponse(longest).map?.externalPort).toBe(4003)
  expect(() => decodePcpResponse(Buffer.concat([longest, Buffer.alloc(4)]))).toThrow('1104 bytes')
})
