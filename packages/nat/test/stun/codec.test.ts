import { expect, test } from 'vitest'
import { ATTRIBUTES, decodeStun, encodeStun, encodeStunWithin, isStun } from '../../src/stun/codec.ts'
import { MAX_ATTRIBUTES, MAX_MESSAGE_BYTES, QUESTION_BYTES } from '../../src/stun/constants.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'))

const TRANSACTION = hex('b7e7a701bc34d686fa87dfae')

// RFC 5769 sections 2.1 to 2.3
const SAMPLE_REQUEST = hex(`
  00010058 2112a442 b7e7a701bc34d686fa87dfae
  80220010 5354554e207465737420636c69656e74
  00240004 6e0001ff
  80290008 932ff9b151263b36
  00060009 6576746a3a68367659202020
  00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
  80280004 e57a3bcf`)
const SAMPLE_IPV4_RESPONSE = hex(`
  0101003c 2112a442 b7e7a701bc34d686fa87dfae
  8022000b 7465737420766563746f7220
  00200008 0001a147e112a643
  00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7
  80280004 c07d4c96`)
const SAMPLE_IPV6_RESPONSE = hex(`
  01010048 2112a442 b7e7a701bc34d686fa87dfae
  8022000b 7465737420766563746f7220
  00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9
  00080014 a382954e4be67bf11784c97c8292c275bfe3ed41
  80280004 c8fb0b4c`)

test('reads the sample request of RFC 5769, and says what of it is not understood', () => {
  expect(decodeStun(SAMPLE_REQUEST)).toEqual({
    class: 'request',
    transactionId: TRANSACTION,
    notUnderstood: [0x0024, 0x0006, 0x0008]
  })
})

test.each([
  ['IPv4', SAMPLE_IPV4_RESPONSE, { host: '192.0.2.1', port: 32_853 }],
  ['IPv6', SAMPLE_IPV6_RESPONSE, { host: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 }]
])('reads the mapped address of the sample %s response of RFC 5769', (_, bytes, mapped) => {
  expect(decodeStun(bytes)).toMatchObject({ class: 'success', mapped })
})

test('what is read out of a Buffer leaves it as it was, and does not change with it', () => {
  const buffer = Buffer.from(SAMPLE_IPV4_RESPONSE)
  const message = decodeStun(buffer)
  expect(Uint8Array.from(buffer)).toEqual(SAMPLE_IPV4_RESPONSE)
  buffer.fill(0)
  expect(message).toMatchObject({ transactionId: TRANSACTION, mapped: { host: '192.0.2.1' } })
})

test('a wrong bit anywhere in a sample breaks its fingerprint', () => {
  for (let at = 20; at < SAMPLE_IPV4_RESPONSE.byteLength; at += 7) {
    const bytes = SAMPLE_IPV4_RESPONSE.slice()
    bytes[at] = (bytes[at] ?? 0) ^ 1
    expect(() => decodeStun(bytes)).toThrow('STUN')
  }
})

test('writes the mapped address as the sample responses have it', () => {
  const four = encodeStun({
    class: 'success',
    transactionId: TRANSACTION,
    mapped: { host: '192.0.2.1', port: 32_853 }
  })
  expect(Buffer.from(four).toString('hex')).toContain('002000080001a147e112a643')
})

test('a plain MAPPED-ADDRESS counts where there is no other', () => {
  const bytes = hex(`0101000c 2112a442 b7e7a701bc34d686fa87dfae 00010008 00018055c0000201`)
  expect(decodeStun(bytes).mapped).toEqual({ host: '192.0.2.1', port: 32_853 })
})

test('the question has the size that it is asked to have, and room in it means nothing', () => {
  const bytes = encodeStun({ class: 'request', transactionId: TRANSACTION }, QUESTION_BYTES)
  expect(bytes.byteLength).toBe(QUESTION_BYTES)
  expect(decodeStun(bytes).notUnderstood).toEqual([])
})

test('what does not fit is left out, the least important first, and nothing is left of nothing', () => {
  const address = { host: '192.0.2.1', port: 1 }
  const all = {
    class: 'success',
    transactionId: TRANSACTION,
    mapped: address,
    other: address,
    origin: address
  } as const
  expect(encodeStunWithin(all, 64)?.byteLength).toBe(64)
  expect(decodeStun(encodeStunWithin(all, 63) ?? new Uint8Array())).toHaveProperty('origin')
  expect(decodeStun(encodeStunWithin(all, 51) ?? new Uint8Array())).not.toHaveProperty('origin')
  expect(decodeStun(encodeStunWithin(all, 32) ?? new Uint8Array())).toEqual({
    class: 'success',
    transactionId: TRANSACTION,
    mapped: address,
    notUnderstood: []
  })
  expect(encodeStunWithin(all, 31)).toBeUndefined()
})

test('a message may be as long as the bound, and no longer', () => {
  const at = encodeStun({ class: 'request', transactionId: TRANSACTION }, MAX_MESSAGE_BYTES)
  expect(at.byteLength).toBe(MAX_MESSAGE_BYTES)
  expect(decodeStun(at).class).toBe('request')
  const past = encodeStun({ class: 'request', transactionId: TRANSACTION }, MAX_MESSAGE_BYTES + 4)
  expect(() => decodeStun(past)).toThrow('at most')
})

test('a message may have as many attributes as the bound, and no more', () => {
  const withAttributes = (count: number): Uint8Array => {
    const bytes = new Uint8Array(20 + count * 4)
    bytes.set(hex(`0001${(count * 4).toString(16).padStart(4, '0')}2112a442b7e7a701bc34d686fa87dfae`))
    for (let n = 0; n < count; n++) {
      bytes.set([0xff, 0x50, 0, 0], 20 + n * 4)
    }
    return bytes
  }
  expect(decodeStun(withAttributes(MAX_ATTRIBUTES)).padding).toBe(0)
  expect(() => decodeStun(withAttributes(MAX_ATTRIBUTES + 1))).toThrow('too many')
})

test.each([
  ['another cookie', '00010000 2112a443 b7e7a701bc34d686fa87dfae'],
  ['a length that is not its own', '00010004 2112a442 b7e7a701bc34d686fa87dfae'],
  ['a first bit that is set', '80010000 2112a442 b7e7a701bc34d686fa87dfae'],
  ['a byte too few', '00010000 2112a442 b7e7a701bc34d686fa87df']
])('%s is no STUN', (_, text) => {
  expect(isStun(hex(text))).toBe(false)
})

test.each([
  ['another method', '00030000 2112a442 b7e7a701bc34d686fa87dfae'],
  ['an attribute beyond the end', '00010004 2112a442 b7e7a701bc34d686fa87dfae 00200008'],
  ['an address of no family', '01010008 2112a442 b7e7a701bc34d686fa87dfae 00200004 00030000'],
  ['a change request of the wrong length', '0001000c 2112a442 b7e7a701bc34d686fa87dfae 00030008 0000000000000006'],
  ['an error code below 300', '01110008 2112a442 b7e7a701bc34d686fa87dfae 00090004 00000201'],
  ['something after the fingerprint', '0001000c 2112a442 b7e7a701bc34d686fa87dfae 80280004 00000000 ff500000']
])('%s is invalid', (_, text) => {
  expect(() => decodeStun(hex(text))).toThrow(expect.objectContaining({ name: 'InvalidMessageError' }))
})

test('an error names what was not understood', () => {
  const failure = { code: 420, reason: 'no' }
  const bytes = encodeStun({ class: 'error', transactionId: TRANSACTION, failure, unknown: [ATTRIBUTES.changeRequest] })
  expect(decodeStun(bytes)).toMatchObject({ class: 'error', failure, unknown: [3] })
})
