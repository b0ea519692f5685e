import { P2PShareError } from '@p2pshare/interface'

/** A fault plan cut a stream or connection on purpose. The end that was wrapped aborts its side with it. */
export class FaultInjectedError extends P2PShareError {
  static override readonly name = 'FaultInjectedError'
  override readonly name = 'FaultInjectedError'
  readonly code = 'ERR_FAULT_INJECTED'
  readonly fault = 'network'
  /** Bytes that passed in this direction before the cut. */
  readonly afterBytes: number

  constructor(afterBytes: number, options?: ErrorOptions) {
    super(`cut by the fault plan after ${afterBytes} bytes`, options)
    this.afterBytes = afterBytes
  }
}

/** Something that was opened during a test is still open after it. */
export class LeakError extends P2PShareError {
  static override readonly name = 'LeakError'
  override readonly name = 'LeakError'
  readonly code = 'ERR_LEAK'
  readonly fault = 'local'
  override readonly advice =
    'Close what the test opened, and look for a missing finally, clear() or removeEventListener.'
  /** One line for each thing that is left. */
  readonly leaks: readonly string[]

  constructor(leaks: readonly string[], options?: ErrorOptions) {
    super(`left open:\n${leaks.map((leak) => `  - ${leak}`).join('\n')}`, options)
    this.leaks = leaks
  }
}

/** Callbacks keep scheduling callbacks that are due at once, so that virtual time cannot move on. */
export class RunawayClockError extends P2PShareError {
  static override readonly name = 'RunawayClockError'
  override readonly name = 'RunawayClockError'
  readonly code = 'ERR_RUNAWAY_CLOCK'
  readonly fault = 'local'
  /** Callbacks that ran in the one call. */
  readonly callbacks: number

  constructor(callbacks: number, options?: ErrorOptions) {
    super(`${callbacks} callbacks ran in one advance of the clock and more are due`, options)
    this.callbacks = callbacks
  }
}

/** A suite needs a package that is an optional peer dependency and is not installed. */
export class SuiteUnavailableError extends P2PShareError {
  static override readonly name = 'SuiteUnavailableError'
  override readonly name = 'SuiteUnavailableError'
  readonly code = 'ERR_SUITE_UNAVAILABLE'
  readonly fault = 'user'
  override readonly advice: string
  /** The package to install. */
  readonly package: string

  constructor(name: string, options?: ErrorOptions) {
    super(`${name} cannot be loaded`, options)
    this.package = name
    this.advice = `Install ${name} as a development dependency; the README of @p2pshare/testkit says how.`
  }
}
