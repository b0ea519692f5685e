import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { TCP_DEFAULTS, tcp } from '../src/index.ts'
import { MAX_BACKLOG, MAX_SOCKETS, MAX_TIMER_MS, resolveTcpOptions } from '../src/options.ts'
import type { TcpInit } from '../src/options.ts'

test('the defaults are what the documentation of each option says', () => {
  const source = readFileSync(new URL('../src/options.ts', import.meta.url), 'utf8')
  const documented = [...source.matchAll(/@default ([\d_]+)\n\s+\*\/\n\s+(\w+)\?:/g)].map(
    ([, value = '', name = '']) => [name, Number(value.replaceAll('_', ''))]
  )
  expect(Object.fromEntries(documented)).toEqual(TCP_DEFAULTS)
})

test.each([
  ['attemptDelayMs', 0, MAX_TIMER_MS],
  ['connectTimeoutMs', 1, MAX_TIMER_MS],
  ['inactivityTimeoutMs', 1, MAX_TIMER_MS],
  ['closeTimeoutMs', 1, MAX_TIMER_MS],
  ['firstByteTimeoutMs', 1, MAX_TIMER_MS],
  ['maxConnections', 1, MAX_SOCKETS],
  ['maxPending', 1, MAX_SOCKETS],
  ['maxPendingPerIp', 1, MAX_SOCKETS],
  ['backlog', 1, MAX_BACKLOG]
] satisfies [keyof TcpInit, number, number][])('%s is from %i to %i', (name, least, most) => {
  expect(resolveTcpOptions({ [name]: least })[name]).toBe(least)
  expect(resolveTcpOptions({ [name]: most })[name]).toBe(most)
  for (const value of [least - 1, most + 1, 1.5, NaN]) {
    expect(() => tcp({ [name]: value })).toThrow(expect.objectContaining({ name: 'InvalidOptionError', option: name }))
  }
})
