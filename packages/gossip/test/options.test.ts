import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { gossip } from '../src/index.ts'
import { gossipDefaults, resolveGossipOptions } from '../src/options.ts'

test('every option documents the default it has', async () => {
  const source = await readFile(new URL('../src/options.ts', import.meta.url), 'utf8')
  const documented: [string | undefined, unknown][] = []
  for (const [, value, name] of source.matchAll(/@default (.+)\n\s+\*\/\n\s+(\w+)\?:/g)) {
    documented.push([name, JSON.parse((value ?? '').replaceAll('_', '').replaceAll("'", '"'))])
  }
  expect(documented).toEqual(Object.entries(gossipDefaults))
})

test('the defaults cannot be changed', () => {
  expect(Object.isFrozen(gossipDefaults)).toBe(true)
  expect(Object.isFrozen(resolveGossipOptions({}))).toBe(true)
})

const WEEK_MS = 7 * 24 * 60 * 60 * 1000

test.each([
  ['profile', 'moon'],
  ['profile', 'toString'],
  ['network', 'a b'],
  ['network', 'x'.repeat(65)],
  ['network', 'a/b'],
  ['roles', Array.from({ length: 9 }, () => 'seed')],
  ['roles', ['x'.repeat(33)]],
  ['roles', ['']],
  ['version', 'v'.repeat(65)],
  ['announceIntervalMs', 99],
  ['announceIntervalMs', WEEK_MS + 1],
  ['leaveTimeoutMs', 0.5],
  ['leaveTimeoutMs', -1],
  ['maxShares', 0],
  ['maxShares', 901],
  ['ipColocationWeight', 1],
  ['ipColocationWeight', Number.NaN]
])('%s: %s is refused by the factory, before any node exists', (option, value) => {
  expect(() => gossip({ [option]: value })).toThrow(expect.objectContaining({ name: 'InvalidOptionError', option }))
})

test.each([
  ['profile', 'lan'],
  ['network', 'x'.repeat(64)],
  ['network', 'My-net_1.0'],
  ['roles', Array.from({ length: 8 }, () => 'x'.repeat(32))],
  ['version', 'v'.repeat(64)],
  ['announceIntervalMs', 100],
  ['announceIntervalMs', WEEK_MS],
  ['leaveTimeoutMs', 0],
  ['maxShares', 900],
  ['ipColocationWeight', -5]
])('%s: %s is the last value that works', (option, value) => {
  expect(resolveGossipOptions({ [option]: value })).toMatchObject({ [option]: value })
})
