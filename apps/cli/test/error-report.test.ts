import { P2PShareError } from '@p2pshare/interface'
import { CommanderError } from 'commander'
import { expect, test } from 'vitest'
import { reportError, reportFailure } from '../src/error-report.ts'
import { UsageError } from '../src/errors.ts'
import { StoppedError } from '../src/stopped.ts'

test('code, message and advice come from the error', () => {
  expect(reportError(new UsageError('no', 'yes'))).toEqual({ code: 'ERR_USAGE', message: 'no', advice: 'yes', exit: 2 })
})

test('an error without a code is our fault, and asks to be reported', () => {
  expect(reportError(new TypeError('x is undefined'))).toMatchObject({
    code: 'ERR_INTERNAL',
    message: 'x is undefined',
    advice: expect.stringContaining('report') as string,
    exit: 1
  })
  expect(reportError('text')).toMatchObject({ code: 'ERR_INTERNAL', message: 'text', exit: 1 })
})

test('causes are told, but not twice and not for ever', () => {
  const deep = [1, 2, 3, 4, 5, 6].reduce<Error | undefined>(
    (cause, n) => new TypeError(`level ${n}`, { cause }),
    undefined
  )
  expect(reportError(deep).message).toBe('level 6: level 5: level 4: level 3')
  expect(reportError(new TypeError('a: b', { cause: new TypeError('b') })).message).toBe('a: b')
})

test('a cause whose text has stacks in it is not for a person', () => {
  const cause = new TypeError('it failed:\n\n  /memory/a: TypeError: taken\n      at listen (file:///x.js:1:1)')
  expect(reportError(new TypeError('taken', { cause })).message).toBe('taken')
})

class Wrapper extends P2PShareError {
  readonly code = 'ERR_DISK'
  readonly fault = 'local'
}

const systemError = (message: string): Error => Object.assign(new TypeError(message), { code: message.split(':')[0] })

test.each([
  ['ENOENT at /x', "ENOENT: no such file or directory, open '/x'", 'ENOENT at /x: no such file or directory'],
  ['ENOSPC at /x', 'ENOSPC: no space left on device, write', 'ENOSPC at /x: no space left on device'],
  ['it failed', "EACCES: permission denied, open '/x'", "it failed: EACCES: permission denied, open '/x'"]
])('what the system says is not said twice: %s', (message, cause, expected) => {
  expect(reportError(new Wrapper(message, { cause: systemError(cause) })).message).toBe(expected)
})

test('what somebody typed wrong is said in our words alone', () => {
  const error = new UsageError("'x' is not a multiaddr", 'write one', { cause: new TypeError('invalid protocol x') })
  expect(reportError(error).message).toBe("'x' is not a multiaddr")
})

test('an address that is taken has its own advice', () => {
  const error = Object.assign(new TypeError('listen EADDRINUSE'), { code: 'EADDRINUSE' })
  expect(reportError(error)).toMatchObject({
    code: 'ERR_LISTEN',
    exit: 5,
    advice: expect.stringContaining('--listen') as string
  })
})

test('a disk that is too small is told in sizes a person reads', () => {
  const sizes = { path: '/x', need: 200 * 1024 * 1024, have: 3 * 1024, code: 'ERR_NOT_ENOUGH_SPACE' }
  const error = Object.assign(new RangeError('209715200 bytes are needed at /x, and 3072 are free'), sizes)
  expect(reportError(error).message).toBe('200 MiB are needed at /x, and 3.0 KiB are free')
})

test('a mistake on the command line is usage, in the words of the parser', () => {
  const error = new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'")
  expect(reportError(error)).toEqual({
    code: 'ERR_USAGE',
    message: "unknown option '--x'",
    advice: 'see p2pshare --help, and p2pshare help <command>',
    exit: 2
  })
})

test('whatever an abort made fail, the abort is the reason', () => {
  const controller = new AbortController()
  const failure = new TypeError('socket closed')
  expect(reportFailure(failure, controller.signal)).toMatchObject({ exit: 1 })
  controller.abort(new StoppedError('SIGINT'))
  expect(reportFailure(failure, controller.signal)).toEqual({
    code: 'ERR_STOPPED',
    message: 'interrupted',
    exit: 130,
    stopped: true
  })
})

test('a stop that can be gone on from says with which command', () => {
  expect(reportError(new StoppedError('SIGTERM', 'resumable', 'p2pshare get x'))).toMatchObject({
    exit: 10,
    command: 'p2pshare get x',
    advice: 'to go on where it stopped: p2pshare get x'
  })
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGPIPE', 141]
] as const)('%s exits with %i', (signal, exit) => {
  expect(new StoppedError(signal).exit).toBe(exit)
})
