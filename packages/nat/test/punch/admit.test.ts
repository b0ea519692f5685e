import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'
import { admit } from '../../src/punch/admit.ts'
import type { AdmitContext } from '../../src/punch/admit.ts'
import { MAX_HOSTS_PER_FAMILY } from '../../src/punch/constants.ts'
import { describe as describeNode } from '../../src/punch/describe.ts'
import type { OwnFacts } from '../../src/punch/describe.ts'
import { classifyHost } from '../../src/punch/host-class.ts'
import { candidate } from './support/descriptions.ts'

const context: AdmitContext = {
  networks: [{ host: '192.168.1.2', family: 4, prefix: 24 }],
  outside: ['5.5.1.1'],
  observed: [],
  servers: ['5.5.0.10'],
  classify: classifyHost
}

function hosts(candidates: Parameters<typeof admit>[0], change: Partial<AdmitContext> = {}): string[] {
  return admit(candidates, { ...context, ...change }).admitted.map(({ host }) => host)
}

describe('candidates of a peer', () => {
  test('that are public are admitted, those of this machine, groups and servers are not', () => {
    const of = (host: string) => candidate({ host })
    expect(hosts([of('5.5.2.1')])).toEqual(['5.5.2.1'])
    for (const host of [
      '127.0.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '0.0.0.0',
      '5.5.0.10',
      '192.168.1.7',
      '10.0.0.1'
    ]) {
      expect(hosts([of(host)])).toEqual([])
    }
  })

  test('of a private network are admitted in the same network alone', () => {
    expect(hosts([candidate({ kind: 'interface', host: '192.168.1.7' })])).toEqual(['192.168.1.7'])
    expect(hosts([candidate({ kind: 'interface', host: '192.168.2.7' })])).toEqual([])
  })

  test('of another private network are admitted behind the same router', () => {
    const inside = candidate({ kind: 'interface', host: '10.1.1.7' })
    expect(hosts([inside, candidate({ host: '5.5.1.1' })])).toEqual(['5.5.1.1', '10.1.1.7'])
    expect(hosts([inside, candidate({ host: '5.5.2.1' })])).toEqual(['5.5.2.1'])
  })

  test('have to be where the peer was seen, where it was seen', () => {
    const both = [candidate({ host: '5.5.2.1' }), candidate({ host: '5.5.3.1' })]
    const six = candidate({ host: '2a00::1', family: 6 })
    expect(hosts([...both, six], { observed: ['5.5.3.1'] })).toEqual(['5.5.3.1', '2a00::1'])
    expect(admit(both, { ...context, observed: ['5.5.3.1'] }).denied).toMatchObject([
      { candidate: { host: '5.5.2.1' }, reason: 'the peer was seen at another address' }
    ])
  })

  test('are of two hosts a family at most, with any number of ports, likely ones first', () => {
    const many = [
      candidate({ kind: 'open', host: '5.5.9.9' }),
      candidate({ kind: 'open', host: '5.5.8.8' }),
      candidate({ kind: 'interface', host: '192.168.1.9' }),
      candidate({ host: '5.5.2.1' }),
      candidate({ host: '5.5.2.1', port: 5000 }),
      candidate({ host: '2a00::1', family: 6 }),
      candidate({ host: '2a00::2', family: 6 }),
      candidate({ host: '2a00::3', family: 6 })
    ]
    expect(hosts(many)).toEqual(['5.5.2.1', '5.5.2.1', '2a00::1', '2a00::2', '5.5.9.9'])
  })
})

test('a host past the bound of its family is not sent to, and it is said why', () => {
  const many = Array.from({ length: MAX_HOSTS_PER_FAMILY + 1 }, (_, n) => candidate({ host: `5.5.2.${n + 1}` }))
  const { admitted, denied } = admit(many, context)
  expect(admitted).toHaveLength(MAX_HOSTS_PER_FAMILY)
  expect(denied).toMatchObject([{ reason: 'too many hosts' }])
})

describe('what a node says of itself', () => {
  const facts: OwnFacts = {
    sockets: [{ family: 4, local: { host: '0.0.0.0', port: 4001 } }],
    networks: [
      { host: '192.168.1.2', family: 4, prefix: 24 },
      { host: '2a00::1', family: 6, prefix: 64 }
    ],
    nats: [
      {
        family: 4,
        udp: true,
        mapping: 'endpoint-independent',
        preservesPorts: false,
        outside: { host: '5.5.1.1', port: 4001 },
        tcpOutside: { host: '5.5.1.1', port: 50_001, localPort: 50_001 },
        doubleNat: true
      }
    ],
    addresses: [],
    ways: ['lan'],
    streamIds: [1],
    classify: classifyHost
  }
  const lines = (change: Partial<OwnFacts> = {}): string[] =>
    describeNode({ ...facts, ...change }).candidates.map(
      ({ kind, transport, host, port }) => `${kind} ${transport} ${host} ${port}`
    )

  test('is where servers saw it and where its sockets are', () => {
    expect(lines()).toEqual(['outside udp 5.5.1.1 4001', 'outside tcp 5.5.1.1 50001', 'interface udp 192.168.1.2 4001'])
    expect(describeNode(facts)).toMatchObject({
      streamIds: [1],
      ways: ['lan'],
      nats: [{ family: 4, udp: true, changesPorts: true }]
    })
  })

  test('includes listening addresses of TCP, and forwarded ports, and no relays and no loopback', () => {
    const address = (text: string, type: 'transport' | 'ip-mapping' | 'observed' | 'announce', verified = true) => ({
      multiaddr: multiaddr(text),
      type,
      verified
    })
    const id = '12D3KooWJV9kgMNP57GixskDXtLWm6mzf3V1teA1LcNJh2xpSstT'
    const addresses = [
      address('/ip4/192.168.1.2/tcp/4002', 'transport'),
      address('/ip4/5.5.1.1/tcp/4003', 'ip-mapping', false),
      address(`/ip4/5.5.1.1/udp/4004/utp/p2p/${id}`, 'ip-mapping'),
      address('/ip4/5.5.1.1/tcp/1', 'observed', false),
      address('/ip4/127.0.0.1/tcp/4005', 'transport'),
      address('/ip4/5.5.1.1/tcp/4006/ws', 'transport'),
      address('/dns4/example.org/tcp/4007', 'announce'),
      address(`/ip4/5.5.0.10/tcp/4001/p2p/${id}/p2p-circuit`, 'transport')
    ]
    expect(lines({ addresses, nats: [], sockets: [] })).toEqual([
      'interface tcp 192.168.1.2 4002',
      'forwarded tcp 5.5.1.1 4003',
      'forwarded udp 5.5.1.1 4004'
    ])
  })
})
