import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { MAX_METADATA_BYTES } from '../../src/membership/bounds.ts'
import { Metadata } from '../../src/wire/membership.ts'
import { decodeMetadata, encodeMetadata } from '../../src/wire/metadata-codec.ts'
import {
  MAX_METADATA_ADDRESSES,
  MAX_METADATA_ADDRESS_BYTES,
  MAX_ROLES,
  MAX_ROLE_LENGTH,
  MAX_VERSION_LENGTH
} from '../../src/wire/limits.ts'
import { randomPeer } from '../support/peers.ts'

const self = await randomPeer()
const other = await randomPeer()
const mine = (address: string): string => `${address}/p2p/${self.toString()}`
const relayed = `/ip4/192.0.2.1/tcp/4001/p2p/${other.toString()}/p2p-circuit`
const texts = (bytes: Uint8Array): string[] | undefined => decodeMetadata(bytes, self)?.addresses.map(String)

test('it comes back with the member at the end of each address', () => {
  const metadata = {
    addresses: [multiaddr('/ip4/192.0.2.1/tcp/4001'), multiaddr(mine(relayed))],
    roles: ['relay', 'seed'],
    version: '1.2.3',
    load: 0
  }
  const decoded = decodeMetadata(encodeMetadata(metadata, self), self)
  expect(decoded?.addresses.map(String)).toEqual([mine('/ip4/192.0.2.1/tcp/4001'), mine(relayed)])
  expect(decoded).toMatchObject({ roles: ['relay', 'seed'], version: '1.2.3', load: 0 })
})

test('nothing said is nothing read', () => {
  expect(decodeMetadata(encodeMetadata({ addresses: [], roles: [] }, self), self)).toEqual({ addresses: [], roles: [] })
})

test('addresses fill what room there is, in their order, and no more', () => {
  const long = (n: number): string => `/dns4/${'x'.repeat(60)}${n}.example.org/tcp/4001`
  const addresses = Array.from({ length: 20 }, (_, n) => multiaddr(long(n)))
  const bytes = encodeMetadata({ addresses, roles: ['seed'] }, self)
  expect(bytes.byteLength).toBeLessThanOrEqual(MAX_METADATA_BYTES)
  const read = texts(bytes) ?? []
  expect(read.length).toBeGreaterThan(5)
  expect(read).toEqual(addresses.slice(0, read.length).map((address) => mine(address.toString())))
})

test('of many short addresses the first stay', () => {
  const addresses = Array.from({ length: 30 }, (_, n) => multiaddr(`/ip4/192.0.2.${n}/tcp/4001`))
  expect(texts(encodeMetadata({ addresses, roles: [] }, self))).toHaveLength(MAX_METADATA_ADDRESSES)
})

test('an address of the most bytes is told and read, one byte longer it is left out', () => {
  // a code and a length of two bytes before the name, a port of three after it
  const addressOf = (bytes: number): string => `/dns4/${'x'.repeat(bytes - 6)}/tcp/1`
  const largest = multiaddr(addressOf(MAX_METADATA_ADDRESS_BYTES))
  const larger = multiaddr(addressOf(MAX_METADATA_ADDRESS_BYTES + 1))
  expect(largest.bytes.byteLength).toBe(MAX_METADATA_ADDRESS_BYTES)
  const kept = [mine(largest.toString())]
  expect(texts(encodeMetadata({ addresses: [larger, largest], roles: [] }, self))).toEqual(kept)
  const addresses = [larger, largest].map(({ bytes }) => Uint8Array.from(bytes))
  expect(texts(Metadata.encode({ addresses }))).toEqual(kept)
})

test('what is foolish is left out, and the rest stands', () => {
  const addresses = [
    '/ip4/192.0.2.1/tcp/1',
    `/ip4/192.0.2.1/tcp/1/p2p/${other.toString()}`,
    mine('/ip4/192.0.2.2/tcp/2')
  ]
  const bytes = Metadata.encode({
    addresses: [...addresses.map((address) => Uint8Array.from(multiaddr(address).bytes)), Uint8Array.of(255, 255)],
    roles: ['', 'seed', 'x'.repeat(MAX_ROLE_LENGTH + 1)],
    version: 'v'.repeat(MAX_VERSION_LENGTH + 1),
    load: 102
  })
  expect(texts(bytes)).toEqual([mine('/ip4/192.0.2.1/tcp/1'), mine('/ip4/192.0.2.2/tcp/2')])
  const decoded = decodeMetadata(bytes, self)
  expect(decoded?.roles).toEqual(['seed'])
  expect(decoded).not.toHaveProperty('version')
  expect(decoded).not.toHaveProperty('load')
})

test.each<[string, Uint8Array]>([
  ['too many bytes', new Uint8Array(MAX_METADATA_BYTES + 1)],
  ['bytes that are none', Uint8Array.of(10, 200)],
  ['too many roles', Metadata.encode({ roles: Array.from({ length: MAX_ROLES + 1 }, () => 'x') })],
  [
    'too many addresses',
    Metadata.encode({ addresses: Array.from({ length: MAX_METADATA_ADDRESSES + 1 }, () => Uint8Array.of(1)) })
  ]
])('%s cannot be read, and hide nobody', (_, bytes) => {
  expect(decodeMetadata(bytes, self)).toBeUndefined()
})
