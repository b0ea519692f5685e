import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { beforeEach, expect, test } from 'vitest'
import { MAX_DIAL_GROUPS, MAX_GROUP_ADDRESSES } from '../src/constants.ts'
import { DialGroups } from '../src/dial-groups.ts'
import { peerNamed } from './support/peers.ts'

const peer = await peerNamed('dialled')
const other = await peerNamed('other')
const at = (port: number, id = peer): Multiaddr => multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${id}`)

let endTurn: () => void
let groups: DialGroups

beforeEach(() => {
  let ended: (() => void) | undefined
  groups = new DialGroups((onEnd) => (ended = onEnd))
  endTurn = () => {
    ended?.()
    ended = undefined
  }
})

/** As libp2p's dial queue does it: all addresses in one go, then each once more when it is dialled. */
function ask(...addresses: Multiaddr[]): void {
  for (const address of addresses) {
    groups.see(address)
  }
  endTurn()
}

function dial(address: Multiaddr, job?: object): number[] {
  groups.see(address)
  const { addresses } = groups.take(address, job)
  endTurn()
  return addresses.map((found) => Number(found.getComponents()[1]?.value))
}

test('addresses that were asked about in one go are companions', () => {
  ask(at(1), at(2), at(3))
  expect(dial(at(1), {})).toEqual([2, 3])
})

test('an address that was asked for alone has none, though its peer has others', () => {
  ask(at(1), at(2))
  ask(at(1))
  expect(dial(at(1), {})).toEqual([])
})

test('what was tried is not a companion again within the dial', () => {
  const job = {}
  ask(at(1), at(2), at(3))
  groups.see(at(1))
  const companions = groups.take(at(1), job)
  companions.tried(at(2))
  endTurn()
  expect(dial(at(2), job)).toEqual([3])
})

test('the addresses of an earlier dial are not those of a later one', () => {
  ask(at(1), at(2))
  dial(at(1), {})
  expect(dial(at(1), {})).toEqual([])
})

test('who dials a transport directly has no companions', () => {
  ask(at(1), at(2))
  expect(dial(at(1))).toEqual([])
})

test('peers do not get mixed up', () => {
  ask(at(1), at(2), at(3, other))
  expect(dial(at(3, other), {})).toEqual([])
  expect(dial(at(1), {})).toEqual([2])
})

test('addresses without a peer id belong to nobody', () => {
  const bare = multiaddr('/ip4/127.0.0.1/tcp/1')
  ask(bare, multiaddr('/ip4/127.0.0.1/tcp/2'))
  expect(dial(bare, {})).toEqual([])
  expect(groups.size).toBe(0)
})

test('a dial that succeeded leaves nothing behind', () => {
  ask(at(1), at(2))
  groups.forget(at(1))
  expect(groups.size).toBe(0)
})

test('a turn can end with the microtask', async () => {
  groups = new DialGroups(queueMicrotask)
  groups.see(at(1))
  groups.see(at(2))
  await Promise.resolve()
  groups.see(at(1))
  expect(groups.take(at(1), {}).addresses).toEqual([at(2)])
})

test('remembers MAX_GROUP_ADDRESSES of a dial and no more', () => {
  ask(...Array.from({ length: MAX_GROUP_ADDRESSES }, (_, index) => at(index + 1)))
  expect(dial(at(1), {})).toHaveLength(MAX_GROUP_ADDRESSES - 1)
  ask(...Array.from({ length: MAX_GROUP_ADDRESSES + 1 }, (_, index) => at(index + 1)))
  expect(dial(at(1), {})).toHaveLength(MAX_GROUP_ADDRESSES - 1)
})

test('remembers MAX_DIAL_GROUPS dials; one more and the oldest goes', async () => {
  const peers = await Promise.all(Array.from({ length: MAX_DIAL_GROUPS + 1 }, (_, index) => peerNamed(`peer ${index}`)))
  const [oldest = '', second = ''] = peers
  for (const id of peers.slice(0, MAX_DIAL_GROUPS)) {
    ask(at(1, id), at(2, id))
  }
  expect(groups.size).toBe(MAX_DIAL_GROUPS)
  ask(at(1, peers.at(-1)), at(2, peers.at(-1)))
  expect(groups.size).toBe(MAX_DIAL_GROUPS)
  expect(dial(at(1, second), {})).toEqual([2])
  expect(dial(at(1, oldest), {})).toEqual([])
})
