import { expect, test } from 'vitest'
import {
  DeadlineError,
  InvalidMessageError,
  InvalidOptionError,
  LeafNotFoundError,
  NotStartedError,
  P2PShareError,
  ReadOnlyStoreError
} from '../src/index.ts'

const cause = new TypeError('beneath')

test.each([
  [new InvalidMessageError('have.root: 3 bytes', { cause }), 'InvalidMessageError', 'ERR_INVALID_MESSAGE', 'remote'],
  [new InvalidOptionError('maxPeers', 'too many', { cause }), 'InvalidOptionError', 'ERR_INVALID_OPTION', 'user'],
  [new DeadlineError('the handshake', 500, { cause }), 'DeadlineError', 'ERR_DEADLINE', 'network'],
  [new NotStartedError('not started', { cause }), 'NotStartedError', 'ERR_NOT_STARTED', 'local'],
  [new LeafNotFoundError(7, { cause }), 'LeafNotFoundError', 'ERR_LEAF_NOT_FOUND', 'local'],
  [new ReadOnlyStoreError('only serves', { cause }), 'ReadOnlyStoreError', 'ERR_READ_ONLY_STORE', 'local']
])('%s can be told apart by name, code and fault', (error, name, code, fault) => {
  expect(error).toMatchObject({ name, code, fault, cause })
  expect(error).toBeInstanceOf(P2PShareError)
  expect(error.constructor.name).toBe(name)
})

test('messages say what, how long and which', () => {
  expect(new DeadlineError('the handshake', 500).message).toBe('the handshake took longer than 500 ms')
  expect(new InvalidOptionError('maxPeers', 'must be at least 1').message).toBe('option maxPeers: must be at least 1')
  expect(new LeafNotFoundError(7).message).toContain('7')
})
