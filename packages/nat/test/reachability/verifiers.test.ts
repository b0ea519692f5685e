import type { PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { CONTACT_MEMORY_MS, MAX_CONTACTS } from '../../src/reachability/constants.ts'
import { UdpContacts } from '../../src/reachability/udp-contacts.ts'
import { verifiersFor } from '../../src/reachability/verifiers.ts'
import type { Unproven, VerifierConnection } from '../../src/reachability/verifiers.ts'

const RELAY = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'

function connection(peer: string, address: string, limits?: object): VerifierConnection {
  return {
    remotePeer: { toString: () => peer } as PeerId,
    remoteAddr: multiaddr(address),
    status: 'open',
    ...(limits === undefined ? {} : { limits })
  }
}

const CONNECTIONS = [
  connection('connected over udp', '/ip4/6.6.1.1/tcp/1'),
  connection('connected over udp', '/ip4/6.6.1.1/udp/1/utp'),
  connection('stranger', '/ip4/7.7.1.1/tcp/1'),
  connection('stranger', '/ip4/7.7.1.1/tcp/2'),
  connection('sent to', '/ip4/9.9.1.1/tcp/1'),
  connection('relayed', `/ip4/6.6.1.1/tcp/1/p2p/${RELAY}/p2p-circuit`),
  connection('limited', '/ip4/8.8.1.1/tcp/1', {})
]

const UDP = '/ip4/5.5.1.1/udp/4001/utp'

test.each<[string, string, Unproven['type'], string[]]>([
  [
    'an address of TCP is asked of all that are connected directly',
    '/ip4/5.5.1.1/tcp/4001',
    'observed',
    ['connected over udp', 'stranger', 'sent to']
  ],
  ['one of UDP only of hosts that nothing was sent to', UDP, 'observed', ['stranger']],
  ['so is one that is listened on: a firewall does as a NAT does', UDP, 'transport', ['stranger']],
  ['a mapped one also of hosts that something was sent to before', UDP, 'ip-mapping', ['stranger', 'sent to']]
])('%s', (_, address, type, expected) => {
  const contacts = new UdpContacts()
  contacts.note(multiaddr('/ip4/9.9.1.1/udp/5/utp'), 0)
  const chosen = verifiersFor({ multiaddr: multiaddr(address), type }, CONNECTIONS, (host) => contacts.has(host, 1))
  expect(chosen.map(({ remotePeer }) => remotePeer.toString())).toEqual(expected)
})

test('a host that was sent to is a stranger again after five minutes', () => {
  const contacts = new UdpContacts()
  const host = multiaddr('/ip4/9.9.1.1/tcp/1')
  contacts.note(multiaddr('/ip4/9.9.1.1/udp/5/utp'), 0)
  expect(contacts.has(host, CONTACT_MEMORY_MS - 1)).toBe(true)
  expect(contacts.has(host, CONTACT_MEMORY_MS)).toBe(false)
})

test('what goes over TCP or a relay is no contact', () => {
  const contacts = new UdpContacts()
  contacts.note(multiaddr('/ip4/9.9.1.1/tcp/1'), 0)
  contacts.note(multiaddr(`/ip4/9.9.1.1/udp/1/utp/p2p/${RELAY}/p2p-circuit`), 0)
  contacts.note(multiaddr('/memory/x'), 0)
  expect(contacts.has(multiaddr('/ip4/9.9.1.1/tcp/1'), 0)).toBe(false)
})

test(`${MAX_CONTACTS} hosts are remembered`, () => {
  const contacts = new UdpContacts()
  const host = (index: number) => multiaddr(`/ip4/9.9.${index >> 8}.${index & 255}/udp/1/utp`)
  for (let index = 0; index < MAX_CONTACTS; index++) {
    contacts.note(host(index), 0)
  }
  expect(contacts.has(host(0), 0)).toBe(true)
  contacts.note(host(MAX_CONTACTS), 0)
  expect([contacts.has(host(0), 0), contacts.has(host(1), 0)]).toEqual([false, true])
})
