import type { AddressManager, NodeAddress } from '@libp2p/interface-internal'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { worthProving } from '../../src/standard/autonat-v2.ts'

function own(text: string, type: NodeAddress['type']): NodeAddress {
  return { multiaddr: multiaddr(text), type, verified: false, expires: 0 }
}

test('AutoNAT v2 verifies all addresses but those at relays, and those of UDP that others observed', () => {
  const known = [
    own('/ip4/5.5.1.1/udp/4001/utp', 'observed'),
    own('/ip4/5.5.0.1/tcp/4001/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8/p2p-circuit', 'transport'),
    own('/ip4/5.5.1.1/udp/4002/utp', 'ip-mapping'),
    own('/ip4/5.5.1.1/udp/4003/utp', 'transport'),
    own('/ip4/5.5.1.1/tcp/4004', 'observed')
  ]
  const confirmed: string[] = []
  const addressManager = {
    getAddressesWithMetadata: () => known,
    confirmObservedAddr: (address: unknown) => confirmed.push(String(address))
  } as unknown as AddressManager
  const seen = worthProving(addressManager)
  expect(seen.getAddressesWithMetadata().map((address) => address.multiaddr)).toEqual(
    known.slice(2).map((address) => address.multiaddr)
  )
  seen.confirmObservedAddr(multiaddr('/ip4/5.5.1.1/tcp/4004'))
  expect(confirmed).toEqual(['/ip4/5.5.1.1/tcp/4004'])
})
