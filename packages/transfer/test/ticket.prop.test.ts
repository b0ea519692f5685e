import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { encode } from 'cborg'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { InvalidTicketError } from '../src/errors.ts'
import { nameProblem } from '../src/name-rules.ts'
import { decodeTicketPayload } from '../src/ticket-payload.ts'
import type { Ticket } from '../src/ticket-payload.ts'
import { decodeTicket, encodeTicket, parseSource } from '../src/ticket.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const root = fc
  .tuple(hash, fc.constantFrom(0x55, 0x70))
  .map(([bytes, codec]) => CID.createV1(codec, Digest.create(0x12, bytes)))
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((text) => nameProblem(text) === undefined)
const peer = hash.map((bytes) => peerIdFromMultihash(Digest.create(0x12, bytes)))
const address = fc.oneof(
  fc.tuple(fc.ipV4(), fc.nat(65535)).map(([ip, port]) => multiaddr(`/ip4/${ip}/tcp/${port}`)),
  fc.tuple(fc.ipV6(), fc.nat(65535)).map(([ip, port]) => multiaddr(`/ip6/${ip}/udp/${port}/quic-v1`)),
  fc
    .tuple(fc.domain(), peer)
    .map(([host, id]) => multiaddr(`/dns4/${host}/tcp/443/tls/ws/p2p/${id.toString()}/p2p-circuit`))
)
const providers = fc.array(
  fc.tuple(peer, fc.array(address, { maxLength: 4 })).map(([id, multiaddrs]) => ({ id, multiaddrs })),
  { maxLength: 4 }
)
const ticket: fc.Arbitrary<Ticket> = fc.record(
  { root, name, bytes: fc.maxSafeNat(), providers },
  { requiredKeys: ['root', 'providers'] }
)

const flat = (value: Ticket): unknown => ({
  ...value,
  root: value.root.toString(),
  providers: value.providers.map(({ id, multiaddrs }) => [id.toString(), ...multiaddrs.map(String)])
})

/** The error, which is always the one a caller is promised. */
function refusal(read: () => unknown): InvalidTicketError | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidTicketError)
    return error as InvalidTicketError
  }
}

test('every ticket comes back as it was', () => {
  fc.assert(
    fc.property(ticket, (value) => {
      const token = encodeTicket(value)
      expect(token).toMatch(/^p2pshare1[a-z2-7]+$/u)
      expect(flat(decodeTicket(token))).toEqual(flat(value))
      expect(flat(parseSource(`p2pshare:${token}`))).toEqual(flat(value))
    }),
    { numRuns: 300, seed: 11 }
  )
})

test('every truncation of a ticket is refused', () => {
  fc.assert(
    fc.property(ticket, (value) => {
      const token = encodeTicket(value)
      for (let length = 0; length < token.length; length++) {
        expect(refusal(() => decodeTicket(token.slice(0, length)))).toBeDefined()
      }
    }),
    { numRuns: 20, seed: 11 }
  )
})

test('every change of one character, and every swap of two neighbours, is refused', () => {
  fc.assert(
    fc.property(ticket, (value) => {
      const token = encodeTicket(value)
      for (let at = 0; at < token.length; at++) {
        const [head, mid, tail] = [token.slice(0, at), token.slice(at, at + 1), token.slice(at + 1)]
        for (const other of 'abcdefghijklmnopqrstuvwxyz234567A190-=.'.replace(mid, '')) {
          expect(
            refusal(() => decodeTicket(head + other + tail)),
            `${other} at ${at} of ${token}`
          ).toBeDefined()
        }
        const swapped = head + tail.slice(0, 1) + mid + tail.slice(1)
        expect(swapped === token || refusal(() => decodeTicket(swapped)) !== undefined).toBe(true)
      }
    }),
    { numRuns: 2, seed: 11 }
  )
})

test('ten thousand random texts and payloads give tickets or InvalidTicketError, nothing else', () => {
  const text = fc.string({ unit: 'binary', maxLength: 24 })
  const input = fc.oneof(
    text,
    text.map((tail) => `p2pshare1${tail}`),
    fc.uint8Array({ maxLength: 64 })
  )
  fc.assert(
    fc.property(input, (value) => {
      refusal(() => (typeof value === 'string' ? parseSource(value) : decodeTicketPayload(value)))
    }),
    { numRuns: 10_000, seed: 11 }
  )
})

test('fields of the wrong type or shape give InvalidTicketError', () => {
  const fields = fc.object({ key: fc.constantFrom('v', 'name', 'bytes', 'providers', 'id', 'addrs'), maxDepth: 3 })
  fc.assert(
    fc.property(root, fields, (cid, value) => {
      refusal(() => decodeTicketPayload(encode({ v: 1, root: cid.bytes, providers: [], ...value })))
    }),
    { numRuns: 1000, seed: 11 }
  )
})

test('a payload with any byte changed is a ticket or InvalidTicketError', () => {
  const changed = fc.tuple(ticket, fc.nat(), fc.nat(255))
  fc.assert(
    fc.property(changed, ([value, at, byte]) => {
      const payload = encode({ v: 1, root: value.root.bytes, name: value.name ?? 'x', providers: [] })
      payload[at % payload.length] = byte
      refusal(() => decodeTicketPayload(payload))
    }),
    { numRuns: 2000, seed: 11 }
  )
})
