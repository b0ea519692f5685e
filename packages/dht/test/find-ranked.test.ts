import type { PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Member, MemberState } from '@p2pshare/interface'
import { expect, test } from 'vitest'
import { searchProviders } from '../src/find-providers.ts'
import { FakeKad, providerEvent, randomPeer } from './support/fake-kad.ts'
import { collect } from './support/network.ts'
import { rootOf } from './support/roots.ts'

const multiaddrs = [multiaddr('/ip4/127.0.0.1/tcp/4001')]

/** A search whose answers name these peers, known to membership like that; the names in the order they came. */
async function found(...answers: Record<string, [MemberState, number?] | []>[]): Promise<string[]> {
  const kad = new FakeKad()
  kad.join()
  const names = new Map<string, string>()
  const members = new Map<string, Member>()
  const from = await randomPeer()
  const events: ReturnType<typeof providerEvent>[] = []
  for (const answer of answers) {
    const infos = []
    for (const [name, [state, rttMs]] of Object.entries(answer)) {
      const id = await randomPeer()
      names.set(id.toString(), name)
      if (state !== undefined) {
        members.set(id.toString(), { id, state, since: 0, ...(rttMs === undefined ? {} : { rttMs }) })
      }
      infos.push({ id, multiaddrs })
    }
    events.push(providerEvent(from, infos))
  }
  kad.findSteps = () => events
  const membership = { member: (peer: PeerId) => members.get(peer.toString()) }
  const peerStore = { get: async () => Promise.reject(new RangeError('not found')) }
  const search = searchProviders({ kad, self: await randomPeer(), peerStore, membership }, rootOf(1), 0, {})
  return (await collect(search)).map(({ id }) => names.get(id.toString()) ?? '')
}

test('of one answer those that are alive and near come first', async () => {
  expect(await found({ suspect: ['suspect', 1], far: ['alive', 300], unknown: [], near: ['alive', 10] })).toEqual([
    'near',
    'far',
    'unknown',
    'suspect'
  ])
})

test('nobody waits for a better answer', async () => {
  expect(await found({ unknown: [] }, { near: ['alive', 1] })).toEqual(['unknown', 'near'])
})

test('who is dead or left is left out', async () => {
  expect(await found({ dead: ['dead'], left: ['left'] }, { alive: ['alive'] })).toEqual(['alive'])
})

test('who is dead is better than nobody, for the verdict may be wrong', async () => {
  expect(await found({ dead: ['dead'] }, { left: ['left'] })).toEqual(['dead', 'left'])
})
