import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MAX_WORKERS, MIN_SCRUB_EVERY_MS, resolveTransferOptions, TRANSFER_DEFAULTS } from '../src/options.ts'
import type { TransferInit } from '../src/options.ts'
import { MIN_BYTES_PER_SECOND } from '../src/rate/rate-limits.ts'

test('without options, the defaults', () => {
  expect(resolveTransferOptions({})).toEqual(TRANSFER_DEFAULTS)
})

test('what is set is kept', () => {
  const init: TransferInit = { directory: '/srv/shares', maxStreams: 2, maxSessions: 1000, uploadBytesPerSecond: 5000 }
  expect(resolveTransferOptions(init)).toEqual({ ...TRANSFER_DEFAULTS, ...init })
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

test.each(['uploadBytesPerSecond', 'downloadBytesPerSecond'] as const)(
  '%s is a whole number of MIN_BYTES_PER_SECOND or more, or Infinity, or the factory throws',
  (name) => {
    for (const value of [MIN_BYTES_PER_SECOND, 10_000_000, Infinity]) {
      expect(resolveTransferOptions({ [name]: value })[name]).toBe(value)
    }
    for (const value of [MIN_BYTES_PER_SECOND - 1, 0, -1, 5000.5, NaN, -Infinity, Number.MAX_SAFE_INTEGER + 1]) {
      expect(() => resolveTransferOptions({ [name]: value })).toThrow(
        expect.objectContaining({ name: 'InvalidOptionError', code: 'ERR_INVALID_OPTION', option: name })
      )
    }
    expect(() => resolveTransferOptions({ [name]: '5000' as unknown as number })).toThrow(name)
  }
)

test('workers is a whole number from 0 to MAX_WORKERS, or the factory throws', () => {
  for (const workers of [0, 1, MAX_WORKERS]) {
    expect(resolveTransferOptions({ workers }).workers).toBe(workers)
  }
  for (const workers of [-1, MAX_WORKERS + 1, 1.5, NaN, Infinity]) {
    expect(() => resolveTransferOptions({ workers })).toThrow(
      expect.objectContaining({ name: 'InvalidOptionError', option: 'workers' })
    )
  }
})

test('scrubEveryMs is a whole number of MIN_SCRUB_EVERY_MS or more, or Infinity, or the factory throws', () => {
  for (const scrubEveryMs of [MIN_SCRUB_EVERY_MS, Infinity]) {
    expect(resolveTransferOptions({ scrubEveryMs }).scrubEveryMs).toBe(scrubEveryMs)
  }
  for (const scrubEveryMs of [MIN_SCRUB_EVERY_MS - 1, 0, -1, MIN_SCRUB_EVERY_MS + 0.5, NaN, -Infinity]) {
    expect(() => resolveTransferOptions({ scrubEveryMs })).toThrow(
      expect.objectContaining({ name: 'InvalidOptionError', option: 'scrubEveryMs' })
    )
  }
})

test('scrubBytesPerSecond is a whole number of MIN_BYTES_PER_SECOND or more, or the factory throws', () => {
  expect(resolveTransferOptions({ scrubBytesPerSecond: MIN_BYTES_PER_SECOND }).scrubBytesPerSecond).toBe(1024)
  for (const scrubBytesPerSecond of [MIN_BYTES_PER_SECOND - 1, 0, 4096.5, NaN, Infinity]) {
    expect(() => resolveTransferOptions({ scrubBytesPerSecond })).toThrow(
      expect.objectContaining({ name: 'InvalidOptionError', option: 'scrubBytesPerSecond' })
    )
  }
})

test('the defaults that the comments name are the defaults', () => {
  const source = readFileSync(new URL('../src/options.ts', import.meta.url), 'utf8')
  const written: Record<string, unknown> = { undefined, true: true }
  const documented = [...source.matchAll(/@default (\S+)\n\s+\*\/\n\s+(\w+)\?:/gu)].map(([, value = '', name = '']) => [
    name,
    value in written ? written[value] : Number(value.replaceAll('_', ''))
  ])
  expect(documented).toHaveLength(9)
  expect(Object.fromEntries(documented)).toEqual({ directory: undefined, workers: undefined, ...TRANSFER_DEFAULTS })
})
