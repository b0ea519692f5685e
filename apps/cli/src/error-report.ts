import { inspect } from 'node:util'
import { CommanderError } from 'commander'
import { EXIT_CODES, exitReasonOf } from './exit-codes.ts'
import { StoppedError, stoppedBy } from './stopped.ts'
import { formatBytes } from './units.ts'

/** An error as it is shown and counted. */
export interface ErrorReport {
  /** `ERR_…`; `ERR_INTERNAL` for what has none. */
  readonly code: string
  readonly message: string
  /** What to do next. */
  readonly advice?: string
  readonly exit: number
  /** What to run to go on after a stop; `advice` has it in words. */
  readonly command?: string
  /** Somebody asked to stop: nothing is wrong. */
  readonly stopped?: true
}

/** More causes than this say nothing new. */
const MAX_CAUSES = 3

/** A line of a stack within a text. */
const HAS_STACK = /\n\s+at \S/

const LISTEN_ADVICE =
  'another program uses this address, or it is not one of this machine: choose another with --listen'

const USAGE_ADVICE = 'see p2pshare --help, and p2pshare help <command>'

const REPORT_ADVICE = "this is a fault in p2pshare: please report it with what DEBUG='p2pshare:*' prints"

/** Describe what ended a command: whatever an abort made fail, the abort is the reason. Never throws. */
export function reportFailure(error: unknown, signal: AbortSignal): ErrorReport {
  const stopped = error instanceof StoppedError ? error : stoppedBy(signal)
  return reportError(stopped ?? error)
}

/** Describe any thrown value. Never throws. */
export function reportError(error: unknown): ErrorReport {
  if (error instanceof StoppedError) {
    const { code, message, advice, command, exit } = error
    const onwards = advice === undefined || command === undefined ? {} : { advice, command }
    return { code, message, exit, stopped: true, ...onwards }
  }
  if (error instanceof CommanderError) {
    // without a command, commander has printed the help, and says only that it did
    const message = error.code === 'commander.help' ? 'no command is given' : error.message.replace(/^error: /, '')
    return { code: 'ERR_USAGE', message, advice: USAGE_ADVICE, exit: EXIT_CODES.usage.code }
  }
  if (isListenFailure(error)) {
    const message = [...messages(error)].join(': ')
    return { code: 'ERR_LISTEN', message, advice: LISTEN_ADVICE, exit: EXIT_CODES.network.code }
  }
  const reason = exitReasonOf(error)
  const { code, advice } = fields(error)
  const report = {
    code: code?.startsWith('ERR_') === true ? code : 'ERR_INTERNAL',
    message: spaceText(error) ?? [...messages(error)].join(': '),
    exit: EXIT_CODES[reason].code
  }
  const hint = advice ?? (reason === 'internal' ? REPORT_ADVICE : undefined)
  return hint === undefined ? report : { ...report, advice: hint }
}

/** The node's own error for an address that is taken, libp2p's for a transport that cannot listen, or the system's. */
function isListenFailure(error: unknown): boolean {
  const { code, name } = fields(error)
  return (
    code === 'ERR_LISTEN' ||
    code === 'EADDRINUSE' ||
    code === 'EADDRNOTAVAIL' ||
    name === 'UnsupportedListenAddressError' ||
    name === 'UnsupportedListenAddressesError'
  )
}

/** Of `NotEnoughSpaceError`, whose own words have bytes: sizes as a person reads them. */
function spaceText(error: unknown): string | undefined {
  if (fields(error).code !== 'ERR_NOT_ENOUGH_SPACE') {
    return undefined
  }
  const { path, need, have } = error as Record<string, unknown>
  return typeof path === 'string' && typeof need === 'number' && typeof have === 'number'
    ? `${formatBytes(need)} are needed at ${path}, and ${formatBytes(have)} are free`
    : undefined
}

/** What the error says, and what its causes add to that. */
function* messages(error: unknown): Generator<string> {
  let current: unknown = error
  let before = ''
  for (let depth = 0; depth <= MAX_CAUSES && current !== undefined && current !== null; depth += 1) {
    const message = depth === 0 ? messageOf(current) : addition(current, before)
    // wrappers often repeat what they wrap, and some libraries put stacks into what they say
    if (!before.includes(message) && (depth === 0 || !HAS_STACK.test(message))) {
      yield message
    }
    before = message
    // what somebody typed wrong is said in our words; why a library could not read it helps nobody
    current = current instanceof Error && !isUserFault(current) ? current.cause : undefined
  }
}

function messageOf(error: unknown): string {
  if (error instanceof Error) {
    return error.message || error.name
  }
  return typeof error === 'string' ? error : inspect(error, { depth: 1, breakLength: Infinity })
}

/** Of the system's `ENOENT: no such file or directory, open '/x'` only what an error that has code and path left out. */
function addition(cause: unknown, before: string): string {
  const message = messageOf(cause)
  const [, code, words] = /^(E[A-Z0-9]+): ([^,]+), \w+/.exec(message) ?? []
  return code !== undefined && words !== undefined && before.includes(code) ? words : message
}

function isUserFault(error: Error): boolean {
  return 'fault' in error && error.fault === 'user'
}

function fields(error: unknown): { code?: string; advice?: string; name?: string } {
  if (typeof error !== 'object' || error === null) {
    return {}
  }
  const { code, advice, name } = error as Record<string, unknown>
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof advice === 'string' ? { advice } : {}),
    ...(typeof name === 'string' ? { name } : {})
  }
}
