import type { Connection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { capGroups } from '../../src/table/cap-groups.ts'
import { GroupCap, MAX_GROUP_CONTACTS } from '../../src/table/group-cap.ts'
import { peerOf } from '../support/virtual-world.ts'

function fill(cap: GroupCap, group: string): void {
  for (let at = 0; at < MAX_GROUP_CONTACTS; at++) {
    expect(cap.admits(`${group} ${at}`, group)).toBe(true)
  }
}

test('a table takes ten of an IP group and not one more, and each group has its own ten', () => {
  const cap = new GroupCap(() => true)
  fill(cap, '192.0.2')
  expect(cap.admits('one more', '192.0.2')).toBe(false)
  expect(cap.admits('192.0.2 3', '192.0.2')).toBe(true)
  fill(cap, '198.51.100')
  // who moves to another network makes room in the old one
  cap.left('198.51.100 1')
  expect(cap.admits('192.0.2 3', '198.51.100')).toBe(true)
  expect(cap.admits('one more', '192.0.2')).toBe(true)
})

test('who was let in and is not in the table makes room', () => {
  const there = new Set<string>()
  const cap = new GroupCap((peer) => there.has(peer))
  fill(cap, 'g')
  there.add('g 0')
  for (let at = 1; at < MAX_GROUP_CONTACTS; at++) {
    there.add(`next ${at}`)
    expect(cap.admits(`next ${at}`, 'g')).toBe(true)
  }
  expect(cap.admits('one more', 'g')).toBe(false)
})

/** A table whose every peer answers from `addressOf`, and this node at `own`. */
function tableAt(
  addressOf: (at: number) => string,
  own: string
): { admitted: (count: number) => Promise<number>; drop: () => void } {
  const random = seededRandom('capped')
  const there = new Map<string, { peerId: PeerId; kadId: Uint8Array }>()
  const addresses = new Map<string, string>()
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
          [{ remoteAddr: multiaddr(addresses.get(peer?.toString() ?? '')) }] as unknown as Connection[]
      },
      addressManager: { getAddresses: () => [multiaddr(own)] }
    }
  )
  return {
    admitted: async (count) => {
      let admitted = 0
      for (let at = 0; at < count; at++) {
        const contact = { peerId: peerOf(random), kadId: random.bytes(32) }
        addresses.set(contact.peerId.toString(), addressOf(at))
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
  const table = tableAt((at) => `/ip4/93.184.216.${at + 1}/tcp/4001`, '/ip4/8.8.8.8/tcp/4001')
  expect(await table.admitted(20)).toBe(MAX_GROUP_CONTACTS)
  table.drop()
  expect(await table.admitted(3)).toBe(1)
})

test.each([
  ['a private network', '/ip4/192.168.1.2/tcp/4001', '/ip4/192.168.1.1/tcp/4001'],
  ['this machine', '/ip4/127.0.0.1/tcp/4001', '/ip4/127.0.0.1/tcp/4002'],
  ['the own network', '/ip4/93.184.216.1/tcp/4001', '/ip4/93.184.216.2/tcp/4001'],
  ['behind a relay', '/ip4/93.184.216.1/tcp/4001/p2p-circuit', '/ip4/8.8.8.8/tcp/4001']
])('peers of %s are not counted', async (_, address, own) => {
  expect(await tableAt(() => address, own).admitted(20)).toBe(20)
})
