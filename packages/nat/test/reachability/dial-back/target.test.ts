import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { dialBackTarget } from '../../../src/reachability/dial-back/target.ts'

const ASKER = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const OTHER = '12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X'

test.each([
  ['its own address, at another port', '/ip4/5.5.1.1/tcp/4001', '/ip4/5.5.1.1/tcp/39000'],
  ['its own address, with its name', `/ip4/5.5.1.1/tcp/4001/p2p/${ASKER}`, '/ip4/5.5.1.1/tcp/39000'],
  ['its own address of UDP, seen over TCP', '/ip4/5.5.1.1/udp/4001/utp', '/ip4/5.5.1.1/tcp/39000'],
  ['its own address of IPv6', '/ip6/2a00::1/tcp/4001', '/ip6/2a00::1/tcp/39000'],
  ['an address of the network it shares with us', '/ip4/192.168.1.7/tcp/4001', '/ip4/192.168.1.7/tcp/39000']
])('an asker is dialled at %s', (_, address, observed) => {
  const target = dialBackTarget(multiaddr(address), multiaddr(observed), peerIdFromString(ASKER))
  expect(target?.toString()).toBe(`${address.replace(/\/p2p.*/, '')}/p2p/${ASKER}`)
})

test.each([
  ['at the address of somebody else', '/ip4/5.5.1.2/tcp/4001', '/ip4/5.5.1.1/tcp/39000'],
  ['in our network, seen from outside', '/ip4/192.168.1.7/tcp/4001', '/ip4/5.5.1.1/tcp/39000'],
  ['on our machine, seen from outside', '/ip4/127.0.0.1/tcp/4001', '/ip4/5.5.1.1/tcp/39000'],
  ['by a name', '/dns4/example.org/tcp/4001', '/ip4/5.5.1.1/tcp/39000'],
  ['behind a relay', `/ip4/5.5.1.1/tcp/4001/p2p/${OTHER}/p2p-circuit`, '/ip4/5.5.1.1/tcp/39000'],
  ['when it is seen over a relay', '/ip4/5.5.1.1/tcp/4001', `/ip4/5.5.1.1/tcp/4001/p2p/${OTHER}/p2p-circuit`],
  ['as somebody else', `/ip4/5.5.1.1/tcp/4001/p2p/${OTHER}`, '/ip4/5.5.1.1/tcp/39000'],
  ['without a port', '/ip4/5.5.1.1', '/ip4/5.5.1.1/tcp/39000'],
  ['where it is no network', '/memory/x', '/ip4/5.5.1.1/tcp/39000']
])('an asker is not dialled %s', (_, address, observed) => {
  expect(dialBackTarget(multiaddr(address), multiaddr(observed), peerIdFromString(ASKER))).toBeUndefined()
})
