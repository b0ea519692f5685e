import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { UDX_DEFAULTS, udx } from '../src/index.ts'
import type { UdxInit } from '../src/index.ts'
import { MAX_MISSED_PROBES, MAX_OPEN_SOCKETS, MAX_READ_BUFFER_BYTES } from '../src/constants.ts'
import { MAX_BUFFER_BYTES, MAX_COUNT, MAX_TIMER_MS, RANGES, resolveUdxOptions } from '../src/options.ts'

test('times, counts and sizes have the bounds of their kind', () => {
  expect(UDX_DEFAULTS).toMatchObject({
    maxMissedProbes: MAX_MISSED_PROBES,
    maxOpenSockets: MAX_OPEN_SOCKETS,
    maxReadBufferBytes: MAX_READ_BUFFER_BYTES
  })
  for (const [name, [, most]] of Object.entries(RANGES)) {
    const ofKind = name.endsWith('Ms') ? MAX_TIMER_MS : name.endsWith('Bytes') ? MAX_BUFFER_BYTES : MAX_COUNT
    expect(most).toBeLessThanOrEqual(ofKind)
  }
})

test('the defaults are what the documentation of each option says', () => {
  const source = readFileSync(new URL('../src/options.ts', import.meta.url), 'utf8')
  const documented = [...source.matchAll(/@default ([\d_]+)\n\s+\*\/\n\s+(\w+)\?:/g)].map(
    ([, value = '', name = '']) => [name, Number(value.replaceAll('_', ''))]
  )
  expect(Object.fromEntries(documented)).toEqual(UDX_DEFAULTS)
})

test.each(Object.entries(RANGES) as [keyof UdxInit, readonly [number, number]][])(
  '%s is from its least to its most',
  (name, [least, most]) => {
    expect(resolveUdxOptions({ [name]: least })[name]).toBe(least)
    expect(resolveUdxOptions({ [name]: most })[name]).toBe(most)
    for (const value of [least - 1, most + 1, 1.5, NaN]) {
      expect(() => udx({ [name]: value })).toThrow(
        expect.objectContaining({ name: 'InvalidOptionError', option: name })
      )
    }
  }
)
