import type { Connection } from '@libp2p/interface'
import { bulkChannelsSymbol } from '@p2pshare/interface'
import type { BulkChannels } from '@p2pshare/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'
import { channelAccess, findBulkChannels } from '../../src/session/channel-target.ts'

const PEER = '12D3KooWLBsmMQqdNB9cVqjDrU4Mtv7ibVbj3z49cvVW2Cyjm87i'

function channels(...addresses: string[]): BulkChannels {
  return { addresses: () => addresses.map((address) => multiaddr(address)) } as unknown as BulkChannels
}

function connection(remote: string, init: Partial<Connection> = {}): Connection {
  return { remoteAddr: multiaddr(remote), direction: 'inbound', ...init } as unknown as Connection
}

describe('where the peer of a connection is dialled', () => {
  test('the address at the other end, and the port that the peer named', () => {
    const access = channelAccess(connection('/ip4/192.0.2.7/tcp/50123'), [channels()])
    expect(String(access?.target(4001))).toBe('/ip4/192.0.2.7/tcp/4001')
    const over6 = channelAccess(connection('/ip6/2001:db8::7/tcp/50123'), [channels()])
    expect(String(over6?.target(4001))).toBe('/ip6/2001:db8::7/tcp/4001')
  })

  test('the port that this node dialled, whatever the peer names', () => {
    const access = channelAccess(connection(`/ip4/192.0.2.7/tcp/4001/p2p/${PEER}`, { direction: 'outbound' }), [
      channels()
    ])
    expect(String(access?.target(22))).toBe('/ip4/192.0.2.7/tcp/4001')
  })

  test.each([
    ['a relayed one', `/ip4/192.0.2.7/tcp/4001/p2p/${PEER}/p2p-circuit`],
    ['a WebSocket', '/ip4/192.0.2.7/tcp/4001/ws'],
    ['a name', '/dns4/example.org/tcp/4001'],
    ['UDP', '/ip4/192.0.2.7/udp/4001/quic-v1'],
    ['memory', '/memory/1']
  ])('nowhere when the connection is not a direct TCP one: %s', (_, remote) => {
    expect(channelAccess(connection(remote), [channels()])).toBeUndefined()
  })

  test('nowhere when the connection is limited', () => {
    expect(
      channelAccess(connection('/ip4/192.0.2.7/tcp/4001', { limits: { seconds: 120 } }), [channels()])
    ).toBeUndefined()
  })
})

describe('where this node is dialled', () => {
  test('the port of the same kind of address', () => {
    const mine = [channels('/ip4/127.0.0.1/tcp/1001', '/ip6/::1/tcp/1002')]
    expect(channelAccess(connection('/ip4/192.0.2.7/tcp/1'), mine)?.port()).toBe(1001)
    expect(channelAccess(connection('/ip6/2001:db8::7/tcp/1'), mine)?.port()).toBe(1002)
  })

  test('nowhere when it does not listen', () => {
    expect(channelAccess(connection('/ip4/192.0.2.7/tcp/1'), [channels()])?.port()).toBeUndefined()
    expect(channelAccess(connection('/ip4/192.0.2.7/tcp/1'), [channels('/ip6/::1/tcp/1002')])?.port()).toBeUndefined()
  })
})

describe('channels that share the path of a connection', () => {
  const relayed = connection('/ip4/192.0.2.7/udp/4001/utp', { limits: { seconds: 120 } })
  const udp = connection('/ip4/192.0.2.7/udp/4001/utp')
  const beside = (own: Connection): BulkChannels =>
    ({ addresses: () => [], sharesPathOf: (asked: Connection) => asked === own }) as unknown as BulkChannels

  test('are taken where they can be, with no port of their own', () => {
    const mine = beside(udp)
    const access = channelAccess(udp, [channels('/ip4/127.0.0.1/tcp/1001'), mine])
    expect(access).toMatchObject({ channels: mine, connection: udp, sharesPath: true })
    expect([access?.port(), String(access?.target(7))]).toEqual([1, '/ip4/192.0.2.7/udp/4001/utp'])
  })

  test('are none of a connection of another transport, where those of its own are taken', () => {
    const tcp = connection('/ip4/192.0.2.7/tcp/4001')
    const own = channels('/ip4/127.0.0.1/tcp/1001')
    expect(channelAccess(tcp, [beside(udp), own])).toMatchObject({ channels: own, sharesPath: false })
    expect(channelAccess(tcp, [beside(udp)])).toBeUndefined()
  })

  test('are none of a connection that is limited', () => {
    expect(channelAccess(relayed, [beside(relayed)])).toBeUndefined()
  })
})

test('the bulk channels of all transports that have some are found, and a node without them has none', () => {
  const [some, others] = [channels(), channels()]
  const transports = [
    {},
    { [bulkChannelsSymbol]: undefined },
    { [bulkChannelsSymbol]: some },
    { [bulkChannelsSymbol]: others }
  ]
  expect(findBulkChannels({ getTransports: () => transports })).toEqual([some, others])
  expect(findBulkChannels({ getTransports: () => [{}] })).toEqual([])
  expect(findBulkChannels(undefined)).toEqual([])
})
