import type { Connection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { capGroups } from '../../src/table/cap-groups.ts'
import { MAX_GROUP_CONTACTS, MAX_NEAR_CONTACTS } from '../../src/table/group-cap.ts'
import { peerOf } from '../support/virtual-world.ts'

const WANT_IN = 500
const OWN = '/ip4/8.8.8.8/tcp/4001'

const random = seededRandom('capped')
const relays = Array.from({ length: 50 }, () => peerOf(random))
const [relay] = relays as [PeerId]

interface Scene {
  /** Where the connections of the newcomer `at` lead. */
  readonly of: (at: number) => string[]
  readonly own?: string[]
  /** Where each of `relays` is connected from; nowhere by default. */
  readonly relay?: string
}

/** A table that lets in who `scene` says wants in. */
function tableOf({ of, own = [OWN], relay: relayAddress }: Scene): {
  admitted: (count: number) => Promise<number>
  drop: () => void
} {
  const there = new Map<string, { peerId: PeerId; kadId: Uint8Array }>()
  const addresses = new Map(relays.map((id) => [id.toString(), relayAddress === undefined ? [] : [relayAddress]]))
  let onRemove: (event: CustomEvent<PeerId>) => void = () => undefined
  const kb = {
    get: (kadId: Uint8Array) => [...there.values()].find((each) => each.kadId === kadId),
    verify: async () => Promise.resolve(true)
  } as Parameters<typeof capGroups>[0]['kb']
  capGroups(
    { kb, addEventListener: (_, listener) => (onRemove = listener) },
    {
      connectionManager: {
        getConnections: (peer) =>
          (addresses.get(peer?.toString() ?? '') ?? []).map((each) => ({
            remoteAddr: multiaddr(each)
          })) as unknown as Connection[]
      },
      addressManager: { getAddresses: () => own.map((each) => multiaddr(each)) }
    }
  )
  return {
    admitted: async (count) => {
      let admitted = 0
      for (let at = 0; at < count; at++) {
        const contact = { peerId: peerOf(random), kadId: random.bytes(32) }
        addresses.set(contact.peerId.toString(), of(at))
        if (await kb.verify(contact)) {
          there.set(contact.peerId.toString(), contact)
          admitted++
        }
      }
      return admitted
    },
    drop: () => {
      const [first] = there.values()
      if (first !== undefined) {
        there.delete(first.peerId.toString())
        onRemove(new CustomEvent('peer:remove', { detail: first.peerId }))
      }
    }
  }
}

test('of peers that answer from one network ten get in, and another when one has left', async () => {
  const table = tableOf({ of: (at) => [`/ip4/93.184.216.${at % 256}/tcp/4001`] })
  expect(await table.admitted(WANT_IN)).toBe(MAX_GROUP_CONTACTS)
  table.drop()
  expect(await table.admitted(3)).toBe(1)
})

const throughRelay = (address: string, id = relay): string => `${address}/p2p/${id.toString()}/p2p-circuit`
const elsewhere = (at: number): string => `/ip4/${1 + (at % 9)}.${at % 200}.2.3/tcp/4001`

test.each<[string, number, Scene]>([
  ['in a private network', WANT_IN, { of: () => ['/ip4/192.168.1.2/tcp/4001'], own: ['/ip4/192.168.1.1/tcp/4001'] }],
  ['on this machine', WANT_IN, { of: () => ['/ip4/127.0.0.1/tcp/4001'], own: ['/ip4/127.0.0.1/tcp/4002'] }],
  ['in this process', WANT_IN, { of: () => ['/memory/1'] }],
  [
    'behind a relay in a private network',
    WANT_IN,
    { of: () => [throughRelay('/ip4/10.0.0.7/tcp/1')], relay: '/ip4/10.0.0.7/tcp/1' }
  ],
  ['in different networks', WANT_IN, { of: (at) => [`/ip4/93.${at >> 8}.${at & 255}.1/tcp/4001`] }],
  ['in the own public network', MAX_NEAR_CONTACTS, { of: () => ['/ip4/8.8.8.9/tcp/4001'] }],
  ['known by names only', MAX_GROUP_CONTACTS, { of: (at) => [`/dns4/a${at}.example/tcp/1`] }],
  ['that have no connection left', 0, { of: () => [] }],
  [
    'with a name and an address, by the address',
    WANT_IN,
    { of: (at) => ['/dns4/a.example/tcp/1', `/ip4/93.${at >> 8}.${at & 255}.1/tcp/4001`] }
  ],
  [
    'over one relay, wherever it is said to be',
    MAX_GROUP_CONTACTS,
    { of: (at) => [throughRelay(elsewhere(at))], relay: '/ip4/93.184.216.34/tcp/4001' }
  ],
  [
    'over many relays at one address',
    MAX_GROUP_CONTACTS,
    {
      of: (at) => [throughRelay('/ip4/93.184.216.34/tcp/4001', relays[at % relays.length])],
      relay: '/ip4/93.184.216.34/tcp/4001'
    }
  ],
  ['over a relay that is not connected', MAX_GROUP_CONTACTS, { of: (at) => [throughRelay(elsewhere(at))] }],
  [
    'over one relay behind another',
    MAX_GROUP_CONTACTS,
    {
      of: (at) => [`${throughRelay(elsewhere(at))}/p2p/${relays[1]?.toString() ?? ''}/p2p-circuit`],
      relay: '/ip4/93.184.216.34/tcp/4001'
    }
  ],
  [
    'over the relays of this node, and those that made themselves its relays',
    MAX_NEAR_CONTACTS,
    {
      of: (at) => [throughRelay(elsewhere(at), relays[at % relays.length])],
      own: relays.map((id) => throughRelay('/ip4/93.184.216.34/tcp/4001', id)),
      relay: '/ip4/93.184.216.34/tcp/4001'
    }
  ],
  [
    'in the network of the relay of this node',
    MAX_GROUP_CONTACTS,
    { of: () => ['/ip4/93.184.216.35/tcp/4001'], own: [throughRelay('/ip4/93.184.216.34/tcp/4001')] }
  ]
])('of 500 peers %s %i get in', async (_, expected, scene) => {
  expect(await tableOf(scene).admitted(WANT_IN)).toBe(expected)
})
