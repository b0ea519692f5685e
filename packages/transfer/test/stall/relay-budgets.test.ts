import type { PeerId } from '@libp2p/interface'
import { expect, test } from 'vitest'
import type { PathKind } from '@p2pshare/interface'
import { isRelayRefusal, RelayBudgets } from '../../src/stall/relay-budgets.ts'

const peer = { toString: () => 'a' } as PeerId
const KIB = 1024n

test('a session that ends with its limit used up was cut by the relay, until there is another', () => {
  const budgets = new RelayBudgets(() => 'relay')
  const limits = { bytes: 128n * KIB }
  budgets.joined(peer, limits)
  expect(budgets.cut).toBe(0)
  limits.bytes = 1n // libp2p counts it down
  expect(budgets.cut).toBe(1)
  budgets.left(peer)
  expect(budgets.cut).toBe(1)
  budgets.joined(peer, { bytes: 128n * KIB })
  expect(budgets.cut).toBe(0)
  budgets.left(peer)
  expect(budgets.cut).toBe(0)
})

test('time runs out too, and a direct connection never does', () => {
  const budgets = new RelayBudgets(() => 'relay')
  budgets.joined(peer, { seconds: 0 })
  expect(budgets.cut).toBe(1)
  budgets.joined(peer, undefined)
  budgets.left(peer)
  expect(budgets.cut).toBe(0)
})

test.each<[string, unknown, boolean]>([
  ['as it is', new Error('failed to connect via relay with status RESOURCE_LIMIT_EXCEEDED'), true],
  ['wrapped', new AggregateError([new Error('x'), new Error('y', { cause: new Error('RESERVATION_REFUSED') })]), true],
  ['another', new Error('ECONNREFUSED'), false],
  ['no error', 'RESOURCE_LIMIT_EXCEEDED', false]
])('a refusal of a relay is known by its words: %s', (_what, error, expected) => {
  expect(isRelayRefusal(error)).toBe(expected)
})

test('a session that moved to a direct connection is not cut by the relay it came from', () => {
  let path: PathKind = 'relay'
  const budgets = new RelayBudgets(() => path)
  budgets.joined(peer, { seconds: 0 })
  expect(budgets.cut).toBe(1)
  path = 'direct'
  expect(budgets.cut).toBe(0)
  budgets.left(peer)
  expect(budgets.cut).toBe(0)
})
