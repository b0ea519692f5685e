import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { resolveTransferOptions, TRANSFER_DEFAULTS } from '../src/options.ts'
import type { TransferInit } from '../src/options.ts'

test('without options, the defaults', () => {
  expect(resolveTransferOptions({})).toEqual(TRANSFER_DEFAULTS)
})

test('what is set is kept', () => {
  const init: TransferInit = { directory: '/srv/shares', maxStreams: 2, maxSessions: 1000 }
  expect(resolveTransferOptions(init)).toEqual(init)
})

test.each(['maxStreams', 'maxSessions'] as const)('%s is a whole number above 1, or the factory throws', (name) => {
  expect(resolveTransferOptions({ [name]: 2 })[name]).toBe(2)
  for (const value of [1, 0, -1, 2.5, NaN, Infinity, Number.MAX_SAFE_INTEGER + 1]) {
    expect(() => resolveTransferOptions({ [name]: value })).toThrow(
      expect.objectContaining({ name: 'InvalidOptionError', code: 'ERR_INVALID_OPTION', option: name })
    )
  }
  expect(() => resolveTransferOptions({ [name]: '8' as unknown as number })).toThrow(name)
})

test('the defaults that the comments name are the defaults', () => {
  const source = readFileSync(new URL('../src/options.ts', import.meta.url), 'utf8')
  const documented = [...source.matchAll(/@default (\S+)\n\s+\*\/\n\s+(\w+)\?:/gu)].map(([, value = '', name = '']) => [
    name,
    value === 'undefined' ? undefined : Number(value.replaceAll('_', ''))
  ])
  expect(documented).toHaveLength(3)
  expect(Object.fromEntries(documented)).toEqual({ directory: undefined, ...TRANSFER_DEFAULTS })
})
