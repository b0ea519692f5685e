import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { MAX_RESERVATIONS } from '../src/constants.ts'
import { natServices } from '../src/index.ts'
import { NAT_DEFAULTS, resolveNatOptions } from '../src/options.ts'

test('every option documents the default it has', async () => {
  const source = await readFile(new URL('../src/options.ts', import.meta.url), 'utf8')
  const documented: [string | undefined, unknown][] = []
  for (const [, value, name] of source.matchAll(/@default (.+)\n\s+\*\/\n\s+(\w+)\?:/g)) {
    documented.push([name, JSON.parse(value?.replaceAll('_', '') ?? 'null')])
  }
  expect(documented).toEqual(Object.entries(NAT_DEFAULTS))
})

test('the defaults cannot be changed', () => {
  expect(Object.isFrozen(NAT_DEFAULTS)).toBe(true)
  expect(Object.isFrozen(resolveNatOptions({}))).toBe(true)
})

const TIMER = 2 ** 31

test.each([
  ['relayMaxReservations', 0],
  ['relayMaxReservations', 10_001],
  ['relayMaxBytes', 1.5],
  ['relayMaxDurationMs', TIMER],
  ['relayReservationMs', Number.NaN],
  ['reservations', -1],
  ['reservations', MAX_RESERVATIONS + 1]
])('%s: %s is refused before any node exists', (option, value) => {
  expect(() => natServices({ [option]: value })).toThrow(
    expect.objectContaining({ name: 'InvalidOptionError', option })
  )
})

test.each([
  ['relayMaxReservations', 1],
  ['relayMaxReservations', 10_000],
  ['relayMaxDurationMs', TIMER - 1],
  ['reservations', 0],
  ['reservations', MAX_RESERVATIONS]
])('%s: %s is the last value that works', (option, value) => {
  expect(resolveNatOptions({ [option]: value })).toMatchObject({ [option]: value })
})

test('what gateways are asked is checked before any node exists', () => {
  expect(() => natServices({ portMap: { mappingLifetimeMs: 1 } })).toThrow(
    expect.objectContaining({ name: 'InvalidOptionError', option: 'mappingLifetimeMs' })
  )
})

test('a relay answers STUN unless it is told not to', () => {
  expect(resolveNatOptions({ relayServer: true })).toMatchObject({ stunServer: true })
  expect(resolveNatOptions({ relayServer: true, stunServer: false })).toMatchObject({ stunServer: false })
})
