import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { encode } from 'cborg'
import { base32 } from 'multiformats/bases/base32'
import { CID } from 'multiformats/cid'
import { describe, expect, test } from 'vitest'
import { InvalidTicketError } from '../src/errors.ts'
import {
  MAX_TICKET_ADDRESSES,
  MAX_TICKET_ADDRESS_BYTES,
  MAX_TICKET_ELEMENTS,
  MAX_TICKET_PAYLOAD_BYTES,
  MAX_TICKET_PROVIDERS,
  decodeTicketPayload,
  encodeTicketPayload
} from '../src/ticket-payload.ts'
import type { Ticket } from '../src/ticket-payload.ts'
import { MAX_SOURCE_LENGTH, decodeTicket, encodeTicket, parseSource, toLink } from '../src/ticket.ts'

interface Vector {
  readonly about: string
  readonly token: string
  readonly payloadHex: string
  readonly ticket: {
    readonly root: string
    readonly name?: string
    readonly bytes?: number
    readonly providers: ReadonlyArray<{ readonly id: string; readonly addrs: readonly string[] }>
  }
}

interface InvalidVector {
  readonly about: string
  readonly payloadHex: string
}

const fixtures = JSON.parse(readFileSync(new URL('./fixtures/tickets.json', import.meta.url), 'utf8')) as {
  readonly valid: readonly Vector[]
  readonly invalid: readonly InvalidVector[]
}

const ROOT = CID.parse('bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi')
const PEER = peerIdFromString('12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA')
const IP4 = multiaddr('/ip4/192.0.2.7/tcp/4001')

function view(ticket: Ticket): Vector['ticket'] {
  const { root, providers, ...rest } = ticket
  return {
    ...rest,
    root: root.toString(),
    providers: providers.map(({ id, multiaddrs }) => ({ id: id.toString(), addrs: multiaddrs.map(String) }))
  }
}

/** A token around any payload, with a right checksum. */
function seal(payload: Uint8Array): string {
  const bytes = Buffer.alloc(payload.byteLength + 4)
  bytes.set(payload)
  bytes.writeUInt32LE(crc32(payload, crc32('p2pshare1')), payload.byteLength)
  return `p2pshare1${base32.baseEncode(bytes)}`
}

describe('test vectors', () => {
  test.each(fixtures.valid)('$about', ({ token, payloadHex, ticket }) => {
    const decoded = decodeTicket(token)
    expect(view(decoded)).toEqual(ticket)
    expect(Buffer.from(encodeTicketPayload(decoded)).toString('hex')).toBe(payloadHex)
    expect(encodeTicket(decoded)).toBe(token)
    expect(seal(Buffer.from(payloadHex, 'hex'))).toBe(token)
  })

  test.each(fixtures.invalid)('refused: $about', ({ payloadHex }) => {
    const payload = Buffer.from(payloadHex, 'hex')
    expect(() => decodeTicketPayload(payload)).toThrow(InvalidTicketError)
    expect(() => decodeTicket(seal(payload))).toThrow(InvalidTicketError)
  })
})

describe('what people paste', () => {
  const token = encodeTicket({ root: ROOT, name: 'a.txt', bytes: 3, providers: [{ id: PEER, multiaddrs: [IP4] }] })
  const middle = Math.floor(token.length / 2)

  test.each([
    ['the token', token],
    ['white space around it', ` \n\t${token}\r\n`],
    ['angle brackets around it', `<${token}>`],
    ['backticks around it', `\`${token}\``],
    ['quotes around it', `"${token}"`],
    ['line breaks that a mail program put in', `${token.slice(0, middle)}\n  ${token.slice(middle)}`],
    ['upper case throughout, as in a QR code', token.toUpperCase()],
    ['the link', toLink(token)],
    ['the link with two slashes', `p2pshare://${token}`],
    ['the link with a slash at the end', `p2pshare://${token}/`],
    ['the link in angle brackets', `<p2pshare:${token}>`],
    ['the link with a capital scheme', `P2PSHARE:${token}`]
  ])('%s', (_, text) => {
    expect(parseSource(text)).toMatchObject({ name: 'a.txt', bytes: 3 })
    expect(decodeTicket(text).root.equals(ROOT)).toBe(true)
  })

  test.each([
    ['a CID', ROOT.toString()],
    ['a CID with white space around it', ` ${ROOT.toString()}\n`],
    ['an /ipfs/ path', `/ipfs/${ROOT.toString()}`],
    ['an ipfs:// address', `ipfs://${ROOT.toString()}`],
    ['an ipfs:// address with a slash at the end', `ipfs://${ROOT.toString()}/`],
    ['a link around a CID', `p2pshare:${ROOT.toString()}`],
    ['an old CID', CID.createV0(ROOT.multihash as Parameters<typeof CID.createV0>[0]).toString()]
  ])('%s', (_, text) => {
    const { root, ...rest } = parseSource(text)
    expect(root.multihash.bytes).toEqual(ROOT.multihash.bytes)
    expect(rest).toEqual({ providers: [] })
  })

  test.each([
    ['nothing', ''],
    ['white space', '  \n '],
    ['a word', 'hello'],
    ['a file path', '/etc/passwd'],
    ['the prefix alone', 'p2pshare1'],
    ['the scheme alone', 'p2pshare:'],
    ['a later version', token.replace('p2pshare1', 'p2pshare2')],
    ['mixed case', token.slice(0, -1) + token.slice(-1).toUpperCase() + 'A'],
    ['padding', `${token}=`],
    ['a token twice', token + token],
    ['a path below a root', `/ipfs/${ROOT.toString()}/docs/a.txt`],
    ['a web address', 'https://example.com/'],
    ['a CID with a wrong letter', ROOT.toString().replace('d', '1')],
    ['a peer id', PEER.toString()]
  ])('refused: %s', (_, text) => {
    expect(() => parseSource(text)).toThrow(InvalidTicketError)
  })

  test('text as long as the limit is read, longer text is refused', () => {
    const pad = (length: number): string => token + ' '.repeat(length - token.length)
    expect(parseSource(pad(MAX_SOURCE_LENGTH)).root.equals(ROOT)).toBe(true)
    expect(() => parseSource(pad(MAX_SOURCE_LENGTH + 1))).toThrow(InvalidTicketError)
  })
})

test("a provider's own id is not repeated in its addresses", () => {
  const own = multiaddr(`/ip4/192.0.2.7/tcp/4001/p2p/${PEER.toString()}`)
  const token = encodeTicket({ root: ROOT, providers: [{ id: PEER, multiaddrs: [own] }] })
  expect(decodeTicket(token).providers[0]?.multiaddrs.map(String)).toEqual(['/ip4/192.0.2.7/tcp/4001'])
})

test('addresses and fields of a later version are passed over', () => {
  const unknown = Uint8Array.from([0xff, 0xff, 0x7f, 1, 2, 3])
  const cut = IP4.bytes.subarray(0, -1)
  const id = PEER.toMultihash().bytes
  const payload = encode({
    v: 1,
    root: ROOT.bytes,
    key: new Uint8Array(32),
    providers: [{ id, addrs: [unknown, IP4.bytes, cut, new Uint8Array()], ttl: 60 }]
  })
  expect(decodeTicketPayload(payload).providers[0]?.multiaddrs.map(String)).toEqual([IP4.toString()])
})

describe('limits', () => {
  const providers = (count: number, addresses = 1): Ticket['providers'] =>
    Array.from({ length: count }, () => ({ id: PEER, multiaddrs: Array.from({ length: addresses }, () => IP4) }))
  const raw = (fields: object): Uint8Array => encode({ v: 1, root: ROOT.bytes, providers: [], ...fields })
  const id = PEER.toMultihash().bytes

  test('the largest number of providers with the largest number of addresses makes a ticket', () => {
    const ticket = { root: ROOT, providers: providers(MAX_TICKET_PROVIDERS, MAX_TICKET_ADDRESSES) }
    expect(decodeTicket(encodeTicket(ticket)).providers.flatMap(({ multiaddrs }) => multiaddrs)).toHaveLength(128)
  })

  test('one provider more is refused, written or read', () => {
    const many = providers(MAX_TICKET_PROVIDERS + 1)
    expect(() => encodeTicket({ root: ROOT, providers: many })).toThrow(InvalidTicketError)
    expect(() => decodeTicketPayload(raw({ providers: many.map(() => ({ id, addrs: [] })) }))).toThrow(/at most 8/u)
  })

  test('one address more is refused, written or read', () => {
    const addrs = Array.from({ length: MAX_TICKET_ADDRESSES + 1 }, () => IP4.bytes)
    expect(() => encodeTicket({ root: ROOT, providers: providers(1, addrs.length) })).toThrow(InvalidTicketError)
    expect(() => decodeTicketPayload(raw({ providers: [{ id, addrs }] }))).toThrow(/at most 16/u)
  })

  test('an address of the largest size is carried, a larger one is refused, written or read', () => {
    // protocol and length of /dns4 are three bytes
    const sized = (bytes: number): Multiaddr => multiaddr(`/dns4/${'d'.repeat(bytes - 3)}`)
    const [largest, larger] = [sized(MAX_TICKET_ADDRESS_BYTES), sized(MAX_TICKET_ADDRESS_BYTES + 1)]
    expect(largest.bytes).toHaveLength(MAX_TICKET_ADDRESS_BYTES)
    const token = encodeTicket({ root: ROOT, providers: [{ id: PEER, multiaddrs: [largest] }] })
    expect(decodeTicket(token).providers[0]?.multiaddrs).toHaveLength(1)
    expect(() => encodeTicket({ root: ROOT, providers: [{ id: PEER, multiaddrs: [larger] }] })).toThrow(/at most 512/u)
    expect(() => decodeTicketPayload(raw({ providers: [{ id, addrs: [larger.bytes] }] }))).toThrow(/at most 512/u)
  })

  test('a payload of the largest size is read, one byte more is refused', () => {
    const filled = (bytes: number): Uint8Array =>
      raw({ x: new Uint8Array(bytes - raw({ x: new Uint8Array(300) }).byteLength + 300) })
    const largest = filled(MAX_TICKET_PAYLOAD_BYTES)
    expect(largest).toHaveLength(MAX_TICKET_PAYLOAD_BYTES)
    expect(decodeTicket(seal(largest)).root.equals(ROOT)).toBe(true)
    expect(() => decodeTicketPayload(filled(MAX_TICKET_PAYLOAD_BYTES + 1))).toThrow(InvalidTicketError)
  })

  test('a ticket that would pass the largest payload is not written', () => {
    const long = multiaddr(`/dns4/${'d'.repeat(200)}/tcp/443`)
    const heavy = Array.from({ length: 2 }, () => ({ id: PEER, multiaddrs: Array.from({ length: 12 }, () => long) }))
    expect(() => encodeTicket({ root: ROOT, providers: heavy })).toThrow(/payload bytes/u)
  })

  test('the largest number of elements is read, one more is refused', () => {
    // map, v, 1, root, bytes, providers, list, x, list
    const filled = (count: number): Uint8Array => raw({ x: Array.from({ length: count - 9 }, () => 0) })
    expect(decodeTicketPayload(filled(MAX_TICKET_ELEMENTS)).root.equals(ROOT)).toBe(true)
    expect(() => decodeTicketPayload(filled(MAX_TICKET_ELEMENTS + 1))).toThrow(/elements/u)
  })

  test('lists inside lists cannot exhaust the stack', () => {
    expect(() => decodeTicketPayload(new Uint8Array(MAX_TICKET_PAYLOAD_BYTES).fill(0x81))).toThrow(InvalidTicketError)
  })

  test('a list that claims billions of elements costs nothing', () => {
    expect(() => decodeTicketPayload(Uint8Array.from([0x9a, 0xff, 0xff, 0xff, 0xff]))).toThrow(InvalidTicketError)
  })

  test.each(['../up', 'a/b', '', '.', 'a\u0000', 'x'.repeat(256)])('a name that is no file name is refused', (name) => {
    expect(() => encodeTicket({ root: ROOT, name, providers: [] })).toThrow(InvalidTicketError)
    expect(() => decodeTicketPayload(raw({ name }))).toThrow(InvalidTicketError)
  })

  test.each([-1, 1.5, 2 ** 53])('a size that is none is refused: %d', (bytes) => {
    expect(() => encodeTicket({ root: ROOT, bytes, providers: [] })).toThrow(InvalidTicketError)
    expect(() => decodeTicketPayload(raw({ bytes }))).toThrow(InvalidTicketError)
  })
})
