import { expect, test } from 'vitest'
import { FINDABLE_ACKS } from '../../src/rules/ack-state.ts'
import { ALPHA, BETA, Lookup } from '../../src/rules/lookup.ts'
import { MAX_PUTS } from '../../src/rules/puts.ts'
import { MAX_REGION_MESSAGES } from '../../src/rules/region-plan.ts'
import { IdealNetwork } from './ideal-network.ts'
import type { Peer } from './ideal-network.ts'

function honest(network: IdealNetwork): Peer {
  return network.random.pick(network.peers.filter(({ fate }) => fate === 'answers'))
}

test('an announcement reaches nearly all of the 20 nearest that live, among dead and silent ones', () => {
  const network = new IdealNetwork('announce', 1_000, { dead: 0.05, silent: 0.1 })
  const overlaps: number[] = []
  const costs: number[] = []
  for (let round = 0; round < 30; round++) {
    const target = network.position()
    const { holders, messages, lookup } = network.run(honest(network), { kind: 'provide', target, nodes: 850 })
    const truth = new Set(network.honestNearest(target, 20))
    overlaps.push([...holders].filter((peer) => truth.has(peer)).length)
    costs.push(messages)
    expect(lookup.puts.tried).toBeLessThanOrEqual(MAX_PUTS)
    expect(lookup.alarm).toBe(false)
  }
  expect(mean(overlaps)).toBeGreaterThanOrEqual(19)
  expect(mean(costs)).toBeLessThanOrEqual(70)
})

test('in a network smaller than 20 everybody is a holder', () => {
  const network = new IdealNetwork('small', 8)
  const self = honest(network)
  const { holders } = network.run(self, { kind: 'provide', target: network.position() })
  expect([...holders].map(({ key }) => key).sort()).toEqual(
    network.peers
      .filter((peer) => peer !== self)
      .map(({ key }) => key)
      .sort()
  )
})

test('without anybody to ask it is done at once', () => {
  const network = new IdealNetwork('alone', 1)
  const self = network.random.pick(network.peers)
  const { messages, lookup } = network.run(self, { kind: 'find', target: network.position() })
  expect(messages).toBe(0)
  expect(lookup.isConverged).toBe(true)
})

test('a search asks the 20 nearest before it gives up, also when fewer were enough for an announcement', () => {
  const network = new IdealNetwork('search', 500)
  const target = network.position()
  const asked = new Set<Peer>()
  const { found } = network.run(honest(network), { kind: 'find', target, nodes: 500 }, (peer) => {
    asked.add(peer)
    return false
  })
  const truth = network.honestNearest(target, 20)
  expect(found).toBe(false)
  expect(truth.filter((peer) => asked.has(peer)).length).toBeGreaterThan(BETA)
  expect(truth.filter((peer) => !asked.has(peer)).length).toBeLessThanOrEqual(1)
})

test.each([20, 45, 100])('%i placed Sybils hide nothing: the record is put around them and found there', (sybils) => {
  let found = 0
  const rounds = 20
  for (let round = 0; round < rounds; round++) {
    const network = new IdealNetwork(`sybils ${sybils} ${round}`, 1_000)
    const target = network.position()
    network.placeSybils(target, sybils)
    const put = network.run(honest(network), { kind: 'provide', target, nodes: 1_000 })
    expect(put.lookup.alarm).toBe(true)
    const search = network.run(honest(network), { kind: 'find', target, nodes: 1_000 }, (peer) => {
      return peer.fate === 'answers' && put.holders.has(peer)
    })
    found += Number(search.found)
    expect(put.messages).toBeLessThanOrEqual(MAX_REGION_MESSAGES + 100)
  }
  expect(found).toBeGreaterThanOrEqual(rounds - 1)
})

test('one IP group gets few of the records', () => {
  const network = new IdealNetwork('groups', 300)
  network.peers.forEach((peer, at) => {
    network.peers[at] = { ...peer, ...(at % 2 === 0 ? { group: '192.0.2' } : {}) }
  })
  const { holders } = network.run(honest(network), { kind: 'provide', target: network.position(), nodes: 300 })
  expect([...holders].filter(({ group }) => group !== undefined)).toHaveLength(3)
  expect(holders.size).toBeGreaterThanOrEqual(18)
})

test('a peer that confirms after it was given up is a holder after all', () => {
  const network = new IdealNetwork('late', 30)
  const { lookup } = network.run(honest(network), { kind: 'provide', target: network.position() })
  const before = lookup.puts.acks
  const peer = network.random.pick(network.peers)
  lookup.refused(peer)
  lookup.acked(peer)
  expect(lookup.puts.acks).toBeGreaterThanOrEqual(before)
})

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

test('when many of the neighbours are gone, an announcement asks all of the nearest before it calls the key crowded', () => {
  const network = new IdealNetwork('stale', 1_000, { dead: 0.3, silent: 0.2 })
  let alarms = 0
  for (let round = 0; round < 60; round++) {
    const { lookup } = network.run(honest(network), { kind: 'provide', target: network.position(), nodes: 500 })
    alarms += Number(lookup.alarm)
  }
  expect(alarms).toBeLessThanOrEqual(1)
})

test('another is told in the place of a holder that is slow to confirm, and the slow one still counts', () => {
  const network = new IdealNetwork('slow puts', 60)
  const target = network.position()
  const lookup = new Lookup<Peer>({ kind: 'provide', target, seeds: network.peers, seedsNear: () => [] })
  lookup.step().asks.forEach((ask) => {
    lookup.answered(ask, [])
  })
  const five = lookup.step().puts
  expect(five).toHaveLength(3 * FINDABLE_ACKS)
  five.slice(0, FINDABLE_ACKS).forEach((peer) => {
    lookup.acked(peer)
  })
  const first = [...five, ...lookup.step().puts]
  expect(first).toHaveLength(20)
  const slow = network.random.pick(first.slice(FINDABLE_ACKS))
  const prompt = first.filter((peer) => peer !== slow)
  prompt.forEach((peer) => {
    lookup.acked(peer)
  })
  expect(lookup.step().puts).toHaveLength(0)
  lookup.putSlow(slow)
  const instead = lookup.step().puts
  expect(instead).toHaveLength(1)
  expect(lookup.step().isDone).toBe(false)
  lookup.acked(slow)
  expect(lookup.puts.acks).toBe(20)
  instead.forEach((peer) => {
    lookup.refused(peer)
  })
  expect(lookup.step().isDone).toBe(true)
  expect(lookup.closest).toHaveLength(20)
})

test('records wait for the first five confirmations, fifteen at a time', () => {
  const network = new IdealNetwork('first five', 60)
  const target = network.position()
  const seeds = network.peers
  const lookup = new Lookup<Peer>({ kind: 'provide', target, nodes: 60, seeds, seedsNear: () => [] })
  const { puts } = lookup.step()
  expect(puts).toHaveLength(3 * FINDABLE_ACKS)
  const [first, ...others] = puts as [Peer, ...Peer[]]
  // another in the place of each that is slow, and of each that has confirmed
  lookup.putSlow(first)
  expect(lookup.step().puts).toHaveLength(1)
  others.slice(0, FINDABLE_ACKS - 1).forEach((peer) => {
    lookup.acked(peer)
    lookup.step()
    expect(lookup.puts.pending).toBeLessThanOrEqual(3 * FINDABLE_ACKS)
  })
  lookup.acked(first)
  lookup.step()
  expect(lookup.puts.acks).toBe(FINDABLE_ACKS)
  expect(lookup.puts.likely).toBeGreaterThan(3 * FINDABLE_ACKS)
})

test('while one of the nearest is silent an announcement asks a few others and not all', () => {
  const network = new IdealNetwork('silent', 60)
  const target = network.position()
  const lookup = new Lookup<Peer>({ kind: 'provide', target, seeds: network.peers, seedsNear: () => [] })
  const silent = network.honestNearest(target, 1)
  let asked = 0
  for (let { asks } = lookup.step(); asks.length > 0; asks = lookup.step().asks) {
    asked += asks.length
    asks
      .filter(({ contact }) => !silent.includes(contact))
      .forEach((ask) => {
        lookup.answered(ask, [])
      })
  }
  expect(asked).toBe(BETA + ALPHA.provide)
  expect(lookup.phase).toBe('walk')
})

test('a few contacts that are known first need not be the holders: nothing is put before most of the nearest answered', () => {
  const network = new IdealNetwork('corner', 200)
  const target = network.position()
  const seeds = network.peers.slice(0, 8)
  const lookup = new Lookup<Peer>({ kind: 'provide', target, nodes: 9, ranks: 8, seeds, seedsNear: () => [] })
  const near = network.honestNearest(target, 20)
  for (let answers = 0; !lookup.isSure; answers++) {
    const { asks, puts } = lookup.step()
    expect(puts).toEqual([])
    expect(answers).toBeLessThan(20)
    asks.forEach((ask) => {
      lookup.answered(ask, near)
    })
  }
  const { puts } = lookup.step()
  expect(puts.length).toBeGreaterThan(0)
  expect(puts.filter((peer) => !near.includes(peer))).toEqual([])
})

test('a key that looked crowded is not, once the network is known to be larger', () => {
  const network = new IdealNetwork('resized', 200)
  const target = network.position()
  const near = network.honestNearest(target, 40)
  const lookup = new Lookup<Peer>({ kind: 'provide', target, nodes: 60, seeds: near, seedsNear: () => [] })
  const answerAll = (): void => {
    lookup.step().asks.forEach((ask) => {
      lookup.answered(ask, [])
    })
  }
  answerAll()
  lookup.step()
  expect(lookup.phase).toBe('walk')
  lookup.resize({ nodes: 200, ranks: 60 })
  lookup.step()
  answerAll()
  lookup.step()
  expect(lookup.alarm).toBe(false)
  expect(lookup.phase).toBe('put')
})

test('an announcement waits for slow holders while there are fewer than 20 others', () => {
  const network = new IdealNetwork('few slow', 4)
  const lookup = new Lookup<Peer>({
    kind: 'provide',
    target: network.position(),
    seeds: network.peers,
    seedsNear: () => []
  })
  lookup.step().asks.forEach((ask) => {
    lookup.answered(ask, [])
  })
  const { puts } = lookup.step()
  puts.forEach((peer) => {
    lookup.putSlow(peer)
  })
  expect(lookup.step().isDone).toBe(false)
  puts.forEach((peer) => {
    lookup.refused(peer)
  })
  expect(lookup.step().isDone).toBe(true)
})
