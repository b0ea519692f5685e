import { DeadlineError, InvalidMessageError, InvalidOptionError, NotStartedError } from '@p2pshare/interface'
import { expect, test } from 'vitest'
import { UsageError } from '../src/errors.ts'
import { EXIT_CODES, exitCodeLines, exitReasonOf } from '../src/exit-codes.ts'

const shaped = (code: string, fault: string): Error => Object.assign(new TypeError('x'), { code, fault })

test.each([
  ['ERR_CONTENT_NOT_FOUND', 'network', 3],
  ['ERR_TRANSFER_STALLED', 'network', 4],
  ['ERR_DEADLINE', 'network', 4],
  ['ERR_PROVIDERS_UNREACHABLE', 'network', 5],
  ['ERR_INVALID_MESSAGE', 'remote', 5],
  ['ERR_LEAF_MISMATCH', 'remote', 6],
  ['ERR_VERIFICATION_FAILED', 'remote', 6],
  ['ERR_UNSUPPORTED_DAG', 'remote', 6],
  ['ERR_UNSAFE_PATH', 'remote', 6],
  ['ERR_LISTEN', 'local', 5],
  ['ERR_DISK', 'local', 7],
  ['ERR_DATA_DIRECTORY', 'local', 7],
  ['ERR_INVALID_IDENTITY', 'local', 7],
  ['ERR_TARGET_EXISTS', 'user', 7],
  ['ERR_STORE_BUSY', 'user', 7],
  ['ERR_ALREADY_FETCHING', 'user', 7],
  ['ERR_SOURCE_CHANGED', 'local', 7],
  ['ERR_INVALID_TICKET', 'user', 2],
  ['ERR_INVALID_OPTION', 'user', 2],
  ['ERR_NOT_STARTED', 'local', 1]
])('%s (fault %s) exits with %i', (code, fault, exit) => {
  expect(EXIT_CODES[exitReasonOf(shaped(code, fault))].code).toBe(exit)
})

test('reads the classes themselves', () => {
  expect(exitReasonOf(new UsageError('x'))).toBe('usage')
  expect(exitReasonOf(new InvalidOptionError('a', 'b'))).toBe('usage')
  expect(exitReasonOf(new DeadlineError('x', 5))).toBe('timeout')
  expect(exitReasonOf(new InvalidMessageError('x'))).toBe('network')
  expect(exitReasonOf(new NotStartedError('x'))).toBe('internal')
})

test.each([[undefined], [null], ['text'], [7], [new TypeError('x')], [shaped('constructor', 'toString')]])(
  'anything else is an internal error: %s',
  (error) => {
    expect(exitReasonOf(error)).toBe('internal')
  }
)

test('no two reasons share a code, and each is in the printed table', () => {
  const codes = Object.values(EXIT_CODES).map(({ code }) => code)
  expect(new Set(codes).size).toBe(codes.length)
  expect(exitCodeLines().map((line) => Number(line.trim().split(/\s/)[0]))).toEqual(codes)
})
