import type { PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidMessageError } from '@p2pshare/interface'
import { seededRandom } from '@p2pshare/testkit'
import { beforeEach, expect, test } from 'vitest'
import { MAX_CONTACT_ADDRESSES, positionOfKey } from '../../src/rpc/contacts.ts'
import { distanceOf } from '../../src/rules/position.ts'
import { FindNodeServer } from '../../src/server/find-node.ts'
import { MAX_KEY_BYTES } from '../../src/server/record.ts'
import { MessageType } from '../../src/wire/messages.ts'
import type { PeerRecord } from '../../src/wire/messages.ts'
import { rootOf } from '../support/roots.ts'
import { peerOf } from '../support/virtual-world.ts'

const random = seededRandom('find node')
const ids = Array.from({ length: 42 }, () => peerOf(random))
const [self, asker, ...others] = ids as [PeerId, PeerId, ...PeerId[]]
const key = rootOf(1).multihash.bytes
const address = multiaddr('/ip4/10.0.0.1/tcp/4001')

let table: PeerId[]
let known: Map<string, Multiaddr[]>
let server: FindNodeServer

beforeEach(() => {
  table = [asker, ...others]
  known = new Map(ids.map((id) => [id.toString(), [address]]))
  server = new FindNodeServer({
    self,
    kad: { closest: (position, count) => sorted(table, position).slice(0, count) },
    peerStore: {
      getInfo: async (id) => {
        const multiaddrs = known.get(id.toString())
        if (multiaddrs === undefined) {
          throw new RangeError('unknown')
        }
        return { id, multiaddrs }
      }
    },
    accepts: (each) => !each.toString().includes('/ip4/192.'),
    selfRecord: () => recordOf(self)
  })
})

function sorted(of: readonly PeerId[], position = positionOfKey(key)): PeerId[] {
  const distance = (id: PeerId): number => distanceOf(positionOfKey(id.toMultihash().bytes), position)
  return [...of].sort((a, b) => distance(a) - distance(b))
}

function recordOf(id: PeerId): PeerRecord {
  return { id: id.toMultihash().bytes, multiaddrs: [Uint8Array.from(address.bytes)] }
}

test('the 20 nearest are named with their addresses, nearest first, without the one who asks and this node', async () => {
  table = [self, asker, ...others]
  const request = { type: MessageType.FIND_NODE, key: Uint8Array.from(key), clusterLevel: 7, closer: [], providers: [] }
  const answer = await server.answer(asker, request)
  expect(answer).toEqual({
    type: MessageType.FIND_NODE,
    clusterLevel: 7,
    closer: sorted(others).slice(0, 20).map(recordOf),
    providers: []
  })
})

test('a peer that is looked for comes first and once, though it is not in the table', async () => {
  const [wanted, ...rest] = others as [PeerId, ...PeerId[]]
  const bytes = wanted.toMultihash().bytes
  for (const without of [others, rest]) {
    table = without
    const closer = await server.closer(bytes, asker)
    expect(closer.filter(({ id }) => id.join() === bytes.join())).toHaveLength(1)
    expect(closer[0]).toEqual(recordOf(wanted))
  }
})

test('this node is named when it is looked for, and nobody is told of himself', async () => {
  expect((await server.closer(self.toMultihash().bytes, asker)).at(-1)).toEqual(recordOf(self))
  const own = asker.toMultihash().bytes
  expect((await server.closer(own, asker)).some(({ id }) => id.join() === own.join())).toBe(false)
})

test('who has no address that belongs into this network, or is forgotten, is left out; the rest stands', async () => {
  const [forgotten, outside, ...rest] = sorted(others) as [PeerId, PeerId, ...PeerId[]]
  known.delete(forgotten.toString())
  known.set(outside.toString(), [multiaddr('/ip4/192.168.0.1/tcp/1')])
  expect(await server.closer(key, asker)).toEqual(rest.slice(0, 18).map(recordOf))
})

test.each([
  { given: MAX_CONTACT_ADDRESSES, told: MAX_CONTACT_ADDRESSES },
  { given: MAX_CONTACT_ADDRESSES + 1, told: MAX_CONTACT_ADDRESSES }
])('of $given addresses of a peer $told are passed on', async ({ given, told }) => {
  const [nearest] = sorted(others) as [PeerId]
  known.set(nearest.toString(), Array<Multiaddr>(given).fill(address))
  expect((await server.closer(key, asker))[0]?.multiaddrs).toHaveLength(told)
})

test.each([
  { bytes: 0, isTaken: false },
  { bytes: MAX_KEY_BYTES, isTaken: true },
  { bytes: MAX_KEY_BYTES + 1, isTaken: false }
])('a key of $bytes bytes is taken: $isTaken', async ({ bytes, isTaken }) => {
  const asked = server.closer(new Uint8Array(bytes), asker)
  if (isTaken) {
    expect(await asked).toHaveLength(20)
  } else {
    await expect(asked).rejects.toThrow(InvalidMessageError)
  }
})
