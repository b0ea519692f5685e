import type { PeerId } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { MAX_TRAFFIC_PEERS, TrafficAccount } from '../src/traffic.ts'

function peer(name: string): PeerId {
  return { toString: () => name } as PeerId
}

const [a, b] = [peer('a'), peer('b')]
const NOTHING = { corrupt: 0, duplicate: 0, unrequested: 0 }

test('bytes are counted by what they were good for, of each peer and of all', () => {
  const account = new TrafficAccount()
  account.received(a, 100)
  account.received(b, 60)
  account.leaf([{ peer: a, bytes: 40 }], 40)
  account.node(a, 10)
  account.wasted(b, 30, 'corrupt')
  account.wasted(b, 20, 'unrequested')
  expect(account.total).toEqual({
    received: 160,
    useful: 50,
    wasted: { corrupt: 30, duplicate: 0, unrequested: 20 }
  })
  expect(account.sources).toEqual([
    { peer: a, bytes: 40, traffic: { received: 100, useful: 50, wasted: NOTHING } },
    { peer: b, bytes: 0, traffic: { received: 60, useful: 0, wasted: { corrupt: 30, duplicate: 0, unrequested: 20 } } }
  ])
})

test('of blocks that two peers sent, one copy is useful', () => {
  const account = new TrafficAccount()
  account.leaf(
    [
      { peer: a, bytes: 80 },
      { peer: b, bytes: 40 }
    ],
    100
  )
  expect(account.total).toMatchObject({ useful: 100, wasted: { duplicate: 20 } })
  expect(account.sources.map(({ bytes }) => bytes)).toEqual([80, 20])
})

test('a report does not change when more comes', () => {
  const account = new TrafficAccount()
  account.wasted(a, 1, 'corrupt')
  const { total, sources } = account
  account.wasted(a, 1, 'corrupt')
  expect([total.wasted.corrupt, sources[0]?.traffic.wasted.corrupt]).toEqual([1, 1])
})

test('MAX_TRAFFIC_PEERS are told apart; for one more the one that sent least goes, and the totals keep it', () => {
  const account = new TrafficAccount()
  for (let index = 0; index < MAX_TRAFFIC_PEERS; index++) {
    account.received(peer(`p${index}`), index === 7 ? 1 : 10)
  }
  expect(account.sources).toHaveLength(MAX_TRAFFIC_PEERS)
  account.received(a, 5)
  const names = account.sources.map((source) => source.peer.toString())
  expect(names).toHaveLength(MAX_TRAFFIC_PEERS)
  expect(names).toContain('a')
  expect(names).not.toContain('p7')
  expect(account.total.received).toBe(10 * (MAX_TRAFFIC_PEERS - 1) + 6)
})
