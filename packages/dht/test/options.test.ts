import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { dht } from '../src/index.ts'
import { dhtDefaults, resolveDhtOptions } from '../src/options.ts'

test('every option documents the default it has', async () => {
  const source = await readFile(new URL('../src/options.ts', import.meta.url), 'utf8')
  const documented = new Map<string, string>()
  for (const [, value, name] of source.matchAll(/@default (.+)\n\s+\*\/\n\s+(\w+)\?:/g)) {
    documented.set(name ?? '', value ?? '')
  }
  const actual = Object.entries(dhtDefaults).map(([name, value]) => [name, JSON.stringify(value)])
  const read = [...documented].map(([name, value]) => [name, value.replaceAll('_', '').replaceAll("'", '"')])
  expect(read).toEqual(actual)
})

test('the defaults cannot be changed', () => {
  expect(Object.isFrozen(dhtDefaults)).toBe(true)
  expect(Object.isFrozen(resolveDhtOptions({}))).toBe(true)
})

test.each([
  ['maxAnnounceIntervalMs', 999],
  ['maxAnnounceIntervalMs', 2 ** 31],
  ['provideTimeoutMs', 0],
  ['findTimeoutMs', Number.NaN],
  ['tableWaitMs', -1],
  ['minRequestTimeoutMs', 1.5],
  ['maxRequestTimeoutMs', 1_499],
  ['protocol', 'kad'],
  ['protocol', '/with blank']
])('%s: %s is refused by the factory, before any node exists', (option, value) => {
  expect(() => dht({ [option]: value })).toThrow(expect.objectContaining({ name: 'InvalidOptionError', option }))
})

test.each([
  ['maxAnnounceIntervalMs', 1_000],
  ['maxAnnounceIntervalMs', 2 ** 31 - 1],
  ['tableWaitMs', 0],
  ['maxRequestTimeoutMs', 1_500]
])('%s: %s is the last value that works', (option, value) => {
  expect(resolveDhtOptions({ [option]: value })).toMatchObject({ [option]: value })
})
