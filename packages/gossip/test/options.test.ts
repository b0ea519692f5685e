import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { gossip } from '../src/index.ts'
import { gossipDefaults, resolveGossipOptions } from '../src/options.ts'

test('every option documents the default it has', async () => {
  const source = await readFile(new URL('../src/options.ts', import.meta.url), 'utf8')
  const documented: [string | undefined, number][] = []
  for (const [, value, name] of source.matchAll(/@default (.+)\n\s+\*\/\n\s+(\w+)\?:/g)) {
    documented.push([name, Number(value?.replaceAll('_', ''))])
  }
  expect(documented).toEqual(Object.entries(gossipDefaults))
})

test('the defaults cannot be changed', () => {
  expect(Object.isFrozen(gossipDefaults)).toBe(true)
  expect(Object.isFrozen(resolveGossipOptions({}))).toBe(true)
})

const WEEK_MS = 7 * 24 * 60 * 60 * 1000

test.each([
  ['announceIntervalMs', 99],
  ['announceIntervalMs', WEEK_MS + 1],
  ['graceMs', -1],
  ['leaveTimeoutMs', 0.5],
  ['maxShares', 0],
  ['maxShares', 901],
  ['ipColocationWeight', 1],
  ['ipColocationWeight', Number.NaN]
])('%s: %s is refused by the factory, before any node exists', (option, value) => {
  expect(() => gossip({ [option]: value })).toThrow(expect.objectContaining({ name: 'InvalidOptionError', option }))
})

test.each([
  ['announceIntervalMs', 100],
  ['announceIntervalMs', WEEK_MS],
  ['graceMs', 0],
  ['maxShares', 900],
  ['ipColocationWeight', -5]
])('%s: %s is the last value that works', (option, value) => {
  expect(resolveGossipOptions({ [option]: value })).toMatchObject({ [option]: value })
})
