import { expect, test } from 'vitest'
import { ConfigError, ShutdownTimeoutError } from '../src/errors.ts'
import { exitCodeOf, helpText } from '../src/usage.ts'

const coded = (code: string, name = 'Error'): Error => Object.assign(new TypeError('x'), { code, name })

test.each([
  [new ConfigError('a', 'b', 'c'), 2],
  [coded('EADDRINUSE'), 5],
  [coded('', 'UnsupportedListenAddressesError'), 5],
  [coded('ERR_LISTEN'), 5],
  [coded('ERR_DISK'), 7],
  [coded('ERR_DATA_DIRECTORY'), 7],
  [new ShutdownTimeoutError(1), 1],
  [new TypeError('x'), 1],
  [undefined, 1]
])('%s exits with %i', (error, exit) => {
  expect(exitCodeOf(error)).toBe(exit)
})

test('help names every variable', () => {
  expect(helpText(['A', 'B'])).toContain('  A\n  B\n')
})
