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
    const access = channelAccess(connection('/ip4/192.0.2.7/tcp/50123'), channels())
    expect(String(access?.target(4001))).toBe('/ip4/192.0.2.7/tcp/4001')
    const over6 = channelAccess(connection('/ip6/2001:db8::7/tcp/50123'), channels())
    expect(String(over6?.target(4001))).toBe('/ip6/2001:db8::7/tcp/4001')
  })

  test('the port that this node dialled, whatever the peer names', () => {
    const access = channelAccess(
      connection(`/ip4/192.0.2.7/tcp/4001/p2p/${PEER}`, { direction: 'outbound' }),
      channels()
    )
    expect(String(access?.target(22))).toBe('/ip4/192.0.2.7/tcp/4001')
  })

  test.each([
    ['a relayed one', `/ip4/192.0.2.7/tcp/4001/p2p/${PEER}/p2p-circuit`],
    ['a WebSocket', '/ip4/192.0.2.7/tcp/4001/ws'],
    ['a name', '/dns4/example.org/tcp/4001'],
    ['UDP', '/ip4/192.0.2.7/udp/4001/quic-v1'],
    ['memory', '/memory/1']
  ])('nowhere when the connection is not a direct TCP one: %s', (_, remote) => {
    expect(channelAccess(connection(remote), channels())).toBeUndefined()
  })

  test('nowhere when the connection is limited', () => {
    expect(
      channelAccess(connection('/ip4/192.0.2.7/tcp/4001', { limits: { seconds: 120 } }), channels())
    ).toBeUndefined()
  })
})

describe('where this node is dialled', () => {
  test('the port of the same kind of address', () => {
    const mine = channels('/ip4/127.0.0.1/tcp/1001', '/ip6/::1/tcp/1002')
    expect(channelAccess(connection('/ip4/192.0.2.7/tcp/1'), mine)?.port()).toBe(1001)
    expect(channelAccess(connection('/ip6/2001:db8::7/tcp/1'), mine)?.port()).toBe(1002)
  })

  test('nowhere when it does not listen', () => {
    expect(channelAccess(connection('/ip4/192.0.2.7/tcp/1'), channels())?.port()).toBeUndefined()
    expect(channelAccess(connection('/ip4/192.0.2.7/tcp/1'), channels('/ip6/::1/tcp/1002'))?.port()).toBeUndefined()
  })
})

test('the bulk channels of the first transport that has some are taken, and a node without them has none', () => {
  const some = channels()
  const transports = [{}, { [bulkChannelsSymbol]: undefined }, { [bulkChannelsSymbol]: some }]
  expect(findBulkChannels({ getTransports: () => transports })).toBe(some)
  expect(findBulkChannels({ getTransports: () => [{}] })).toBeUndefined()
  expect(findBulkChannels(undefined)).toBeUndefined()
})
