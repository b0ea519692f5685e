import { defaultLogger } from '@libp2p/logger'
import type { Connection, Libp2pEvents } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { resolvedGateSymbol } from '@p2pshare/interface'
import { TypedEventEmitter } from 'main-event'
import { describe, expect, test } from 'vitest'
import { DialGate } from '../../src/dial-gate/dial-gate.ts'
import type { DialGateParts } from '../../src/dial-gate/dial-gate.ts'
import { MAX_HANDED_ENDPOINTS, MAX_KNOWN_HOSTS, MAX_NAMED_ENDPOINTS } from '../../src/dial-gate/permits.ts'
import { PEER } from './generate.ts'

const LAN = [
  { cidr: '192.168.7.20/24', isInternal: false },
  { cidr: '127.0.0.1/8', isInternal: true }
]

function gateOf({ named = [], ...init }: Omit<DialGateParts, 'named'> & { named?: string[] } = {}): DialGate {
  return new DialGate({ networks: () => LAN, named: named.map((text) => multiaddr(text)), ...init })
}

const denies = (gate: DialGate, text: string): boolean => gate.denyDialMultiaddr(multiaddr(text))

describe('what others say', () => {
  test.each([
    '/ip4/127.0.0.1/tcp/4001',
    '/ip4/10.0.0.1/tcp/4001',
    '/ip4/169.254.169.254/tcp/8080',
    '/ip6/::1/tcp/4001',
    '/ip6/::ffff:10.0.0.1/tcp/4001',
    '/ip6/64:ff9b::7f00:1/tcp/4001',
    '/ip6/2002:7f00:1::/tcp/4001',
    '/ip6zone/eth0/ip6/fe80::1/tcp/4001',
    '/ip4/100.64.3.4/udp/4001/utp',
    '/ip4/239.1.2.3/udp/4001/quic-v1',
    '/ip4/8.8.8.8/tcp/25',
    '/ip4/8.8.8.8/tcp/443',
    '/ip4/8.8.8.8/tcp/22/ws',
    '/ip4/8.8.8.8',
    '/dns4/mail.example.org/tcp/25',
    '/unix/%2Fvar%2Frun%2Fdocker.sock',
    `/ip4/10.0.0.1/tcp/4001/p2p/${PEER}/p2p-circuit`
  ])('%s is not dialled', (text) => {
    expect(denies(gateOf(), text)).toBe(true)
  })

  test.each([
    '/ip4/8.8.8.8/tcp/4001',
    '/ip4/8.8.8.8/tcp/443/ws',
    '/ip4/8.8.8.8/tcp/80/ws',
    '/ip6/2606:4700::1111/udp/4001/utp',
    '/dns4/seed.example.org/tcp/4001',
    `/p2p/${PEER}/p2p-circuit`,
    '/memory/one',
    `/ip4/8.8.8.8/tcp/4001/p2p/${PEER}/p2p-circuit/ip4/10.0.0.1/tcp/4001`
  ])('%s is dialled', (text) => {
    expect(denies(gateOf(), text)).toBe(false)
  })

  test('a network this machine is in is dialled, but for the ports of its services', () => {
    expect(denies(gateOf(), '/ip4/192.168.7.1/tcp/4001')).toBe(false)
    expect(denies(gateOf(), '/ip4/192.168.7.1/tcp/80')).toBe(true)
    expect(denies(gateOf(), '/ip4/192.168.8.1/tcp/4001')).toBe(true)
  })

  test('a machine without a network has its peers on itself', () => {
    const gate = gateOf({ networks: () => LAN.filter(({ isInternal }) => isInternal) })
    expect(denies(gate, '/ip4/127.0.0.1/tcp/4001')).toBe(false)
  })

  test('an overlay network that hands out single addresses is as wide as such networks are', () => {
    const gate = gateOf({ networks: () => [{ cidr: '100.101.1.2/32', isInternal: false }] })
    expect(denies(gate, '/ip4/100.70.9.9/tcp/4001')).toBe(false)
    expect(denies(gate, '/ip4/100.100.100.200/tcp/4001')).toBe(true)
    expect(denies(gate, '/ip4/10.70.9.9/tcp/4001')).toBe(true)
  })

  test('refusals are counted by reason', () => {
    const gate = gateOf()
    denies(gate, '/ip4/127.0.0.1/tcp/4001')
    denies(gate, '/ip4/127.0.0.2/tcp/4001')
    denies(gate, '/ip4/8.8.8.8/tcp/25')
    expect(gate.refused).toEqual({ loopback: 2, port: 1 })
  })

  test('a transport that asks about no name is not given one', () => {
    const named = multiaddr('/dns4/seed.example.org/tcp/4001')
    expect(() => {
      gateOf().check(named, true)
    }).not.toThrow()
    expect(() => {
      gateOf().check(named, false)
    }).toThrow(expect.objectContaining({ code: 'ERR_DIAL_REFUSED', reason: 'name' }))
  })
})

describe('what the user says', () => {
  test('an address to join through opens the private network that it is in, and no other', () => {
    const gate = gateOf({ named: ['/ip4/10.1.2.3/tcp/80'] })
    expect(denies(gate, '/ip4/10.1.2.3/tcp/80')).toBe(false)
    expect(denies(gate, '/ip4/10.200.0.1/tcp/4001')).toBe(false)
    expect(denies(gate, '/ip4/10.200.0.1/tcp/80')).toBe(true)
    expect(denies(gate, '/ip4/192.168.99.1/tcp/4001')).toBe(true)
  })

  test('one who listens on loopback has peers there; to listen everywhere says nothing', () => {
    expect(denies(gateOf({ named: ['/ip4/127.0.0.1/tcp/0'] }), '/ip4/127.0.0.1/tcp/4001')).toBe(false)
    expect(denies(gateOf({ named: ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0'] }), '/ip4/127.0.0.1/tcp/4001')).toBe(true)
  })

  test('one link-local or metadata address is that one', () => {
    const gate = gateOf({ named: ['/ip4/169.254.169.254/tcp/4001'] })
    expect(denies(gate, '/ip4/169.254.169.254/tcp/4001')).toBe(false)
    expect(denies(gate, '/ip4/169.254.169.254/tcp/4002')).toBe(true)
    expect(denies(gate, '/ip4/169.254.3.4/tcp/4001')).toBe(true)
  })

  test('networks are allowed by name', () => {
    expect(denies(gateOf({ allowNetworks: ['172.16.0.0/12'] }), '/ip4/172.20.0.1/tcp/4001')).toBe(false)
    expect(() => gateOf({ allowNetworks: ['172.16.0.0/33'] })).toThrow(/is not a network/u)
    expect(() => gateOf({ allowNetworks: ['lan'] })).toThrow(/is not a network/u)
  })

  test('a ticket is trusted for its own endpoints, and never to metadata', () => {
    const gate = gateOf()
    gate.trust([multiaddr('/ip4/127.0.0.1/tcp/4001'), multiaddr('/ip4/169.254.169.254/tcp/4001')], 'ticket')
    expect(denies(gate, '/ip4/127.0.0.1/tcp/4001')).toBe(false)
    expect(denies(gate, '/ip4/127.0.0.1/tcp/4002')).toBe(true)
    expect(denies(gate, '/ip4/169.254.169.254/tcp/4001')).toBe(true)
  })
})

describe('who is really there', () => {
  const peer = peerIdFromString(PEER)

  test('a peer that mDNS found is dialled on the LAN, and not on this machine', () => {
    const gate = gateOf()
    const multiaddrs = ['/ip4/169.254.8.8/tcp/4001', '/ip4/127.0.0.1/tcp/6379'].map((text) => multiaddr(text))
    gate.seeOnLan({ id: peer, multiaddrs })
    expect(denies(gate, `/ip4/169.254.8.8/udp/4001/utp/p2p/${PEER}`)).toBe(false)
    expect(denies(gate, '/ip4/169.254.8.8/tcp/4001')).toBe(true)
    expect(denies(gate, `/ip4/127.0.0.1/tcp/6379/p2p/${PEER}`)).toBe(true)
  })

  test.each([
    ['inbound', '/ip4/10.9.9.9/tcp/50000', '/ip4/10.9.9.9/tcp/4001', false],
    ['inbound', '/ip4/127.0.0.1/tcp/50000', '/ip4/127.0.0.1/tcp/6379', true],
    ['outbound', '/ip4/127.0.0.1/tcp/4001', '/ip4/127.0.0.1/udp/4002/utp', false]
  ] as const)('%s from %s: %s is denied: %s', (direction, remote, next, denied) => {
    const gate = gateOf()
    const events = new TypedEventEmitter<Libp2pEvents>()
    const detach = gate.attach({ events, logger: defaultLogger() })
    const connection = { remoteAddr: multiaddr(remote), remotePeer: peer, direction } as Connection
    events.safeDispatchEvent('connection:open', { detail: connection })
    expect(denies(gate, `${next}/p2p/${PEER}`)).toBe(denied)
    expect(denies(gate, next)).toBe(true)
    detach()
    expect(events.listenerCount('connection:open')).toBe(0)
  })
})

describe('names', () => {
  const named = (text: string): ReturnType<typeof multiaddr> => multiaddr(text)
  const found = multiaddr('/ip4/192.168.99.1/tcp/4001')

  test('what the name of a stranger stands for is judged as if it were written', () => {
    expect(gateOf()[resolvedGateSymbol](found, named('/dns4/rebind.example/tcp/4001'))).toBe(true)
    expect(gateOf()[resolvedGateSymbol](multiaddr('/ip4/8.8.8.8/tcp/4001'), named('/dns4/a.example/tcp/4001'))).toBe(
      false
    )
  })

  test('a name of the user may stand for a private address, and for no metadata', () => {
    const gate = gateOf({ named: ['/dns4/NAS.home/tcp/4001'] })
    expect(gate[resolvedGateSymbol](found, named('/dns4/nas.home/tcp/4001'))).toBe(false)
    expect(gate[resolvedGateSymbol](found, named('/dns4/nas.home/tcp/4002'))).toBe(true)
    const metadata = multiaddr('/ip4/169.254.169.254/tcp/4001')
    expect(gate[resolvedGateSymbol](metadata, named('/dns4/nas.home/tcp/4001'))).toBe(true)
  })
})

describe('bounds', () => {
  const port = (index: number): ReturnType<typeof multiaddr> =>
    multiaddr(`/ip4/127.0.${index >> 8}.${index & 255}/tcp/4001`)

  test('MAX_NAMED_ENDPOINTS and MAX_HANDED_ENDPOINTS: one more, and the first is forgotten', () => {
    const link = (index: number): ReturnType<typeof multiaddr> =>
      multiaddr(`/ip4/169.254.${index >> 8}.${index & 255}/tcp/4001`)
    for (const [giver, max, make] of [
      ['user', MAX_NAMED_ENDPOINTS, link],
      ['ticket', MAX_HANDED_ENDPOINTS, port]
    ] as const) {
      const gate = gateOf()
      gate.trust(
        Array.from({ length: max }, (_, index) => make(index)),
        giver
      )
      expect(gate.denyDialMultiaddr(make(0))).toBe(false)
      gate.trust([make(max)], giver)
      expect([gate.denyDialMultiaddr(make(0)), gate.denyDialMultiaddr(make(1))]).toEqual([true, false])
    }
  })

  test('MAX_KNOWN_HOSTS: one more, and the first is forgotten', () => {
    const gate = gateOf()
    const host = (index: number): string => `/ip4/10.0.${index >> 8}.${index & 255}/tcp/4001`
    const id = peerIdFromString(PEER)
    const multiaddrs = Array.from({ length: MAX_KNOWN_HOSTS }, (_, index) => multiaddr(host(index)))
    gate.seeOnLan({ id, multiaddrs })
    expect(denies(gate, `${host(0)}/p2p/${PEER}`)).toBe(false)
    gate.seeOnLan({ id, multiaddrs: [multiaddr(host(MAX_KNOWN_HOSTS))] })
    expect(denies(gate, `${host(0)}/p2p/${PEER}`)).toBe(true)
  })
})
