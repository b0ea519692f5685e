import { multiaddr } from '@multiformats/multiaddr'
import { seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { AnswerTimes } from '../../src/rpc/answer-times.ts'
import { Contacts, MAX_CONTACT_ADDRESSES, MAX_POSITIONS, withPeer } from '../../src/rpc/contacts.ts'
import { peerOf } from '../support/virtual-world.ts'

const random = seededRandom('contacts')
const self = peerOf(random)

test('a contact has 16 addresses and not one more, each with its peer at the end', () => {
  const contacts = new Contacts(self, () => true)
  const id = peerOf(random)
  const of = (count: number): number =>
    contacts.of(
      id,
      Array.from({ length: count }, (_, at) => multiaddr(`/ip4/192.0.2.1/tcp/${at + 1}`))
    ).addresses.length
  expect(of(MAX_CONTACT_ADDRESSES)).toBe(MAX_CONTACT_ADDRESSES)
  expect(of(MAX_CONTACT_ADDRESSES + 1)).toBe(MAX_CONTACT_ADDRESSES)
  const [address] = contacts.of(id, [multiaddr('/ip4/192.0.2.1/tcp/1')]).addresses
  expect(address?.toString()).toBe(`/ip4/192.0.2.1/tcp/1/p2p/${id.toString()}`)
})

test('an address that names another peer is left out', () => {
  const id = peerOf(random)
  const named = (peer: string) => multiaddr(`/ip4/192.0.2.1/tcp/1/p2p/${peer}`)
  expect(withPeer(named(id.toString()), id)).toHaveLength(1)
  expect(withPeer(named(self.toString()), id)).toHaveLength(0)
})

test('what does not belong into the network is left out, and strangers count against their IP group', () => {
  const contacts = new Contacts(self, (address) => !address.toString().includes('10.0.0.1'))
  const addresses = [multiaddr('/ip4/10.0.0.1/tcp/1'), multiaddr('/ip4/93.184.216.34/tcp/1')]
  const stranger = contacts.of(peerOf(random), addresses)
  expect(stranger.addresses).toHaveLength(1)
  expect(stranger.group).toBe('93.184.216')
  expect(contacts.of(peerOf(random), addresses, true).group).toBeUndefined()
})

test('positions stay the same after more peers than are remembered', () => {
  const contacts = new Contacts(self, () => true)
  const id = peerOf(random)
  const { position } = contacts.of(id)
  for (let at = 0; at <= MAX_POSITIONS; at++) {
    contacts.of(peerOf(random))
  }
  expect(contacts.of(id).position).toEqual(position)
})

test('soft timeouts follow the slow ones among the latest answers', () => {
  const times = new AnswerTimes()
  expect(times.softTimeoutMs(true)).toBe(400)
  for (let at = 0; at < 8; at++) {
    times.add(true, 10)
    times.add(false, 600)
  }
  expect(times.softTimeoutMs(true)).toBe(250)
  expect(times.softTimeoutMs(false)).toBe(1_200)
  for (let at = 0; at < 64; at++) {
    times.add(false, 450)
  }
  expect(times.softTimeoutMs(false)).toBe(900)
})
