/** Who has to change something before the same call can succeed. Retry policies read it. */
export type Fault = 'local' | 'remote' | 'network' | 'user'

/**
 * The shape every P2PShare error has. Compare `name` or `code`, not `instanceof`: two copies of a package break it.
 * `code` does not change in a minor release; docs/ERRORS.md lists them all.
 */
export abstract class P2PShareError extends Error {
  abstract readonly code: `ERR_${string}`
  abstract readonly fault: Fault
  /** What the person in front of the screen can do next, one sentence. */
  readonly advice?: string
}

/** A peer, a file or a link held a message that breaks its own format. */
export class InvalidMessageError extends P2PShareError {
  static override readonly name = 'InvalidMessageError'
  override readonly name = 'InvalidMessageError'
  readonly code = 'ERR_INVALID_MESSAGE'
  readonly fault = 'remote'
}

/** An option has a value that cannot work; thrown by factories, before anything starts. */
export class InvalidOptionError extends P2PShareError {
  static override readonly name = 'InvalidOptionError'
  override readonly name = 'InvalidOptionError'
  readonly code = 'ERR_INVALID_OPTION'
  readonly fault = 'user'
  readonly option: string

  constructor(option: string, message: string, options?: ErrorOptions) {
    super(`option ${option}: ${message}`, options)
    this.option = option
  }
}

/** Nothing arrived within the time that was allowed. */
export class DeadlineError extends P2PShareError {
  static override readonly name = 'DeadlineError'
  override readonly name = 'DeadlineError'
  readonly code = 'ERR_DEADLINE'
  readonly fault = 'network'
  readonly afterMs: number

  constructor(what: string, afterMs: number, options?: ErrorOptions) {
    super(`${what} took longer than ${afterMs} ms`, options)
    this.afterMs = afterMs
  }
}

/** A method was called before `start()` or after `stop()`. */
export class NotStartedError extends P2PShareError {
  static override readonly name = 'NotStartedError'
  override readonly name = 'NotStartedError'
  readonly code = 'ERR_NOT_STARTED'
  readonly fault = 'local'
}

/** A leaf that the store does not hold was asked for. */
export class LeafNotFoundError extends P2PShareError {
  static override readonly name = 'LeafNotFoundError'
  override readonly name = 'LeafNotFoundError'
  readonly code = 'ERR_LEAF_NOT_FOUND'
  readonly fault = 'local'
  readonly index: number

  constructor(index: number, options?: ErrorOptions) {
    super(`leaf ${index} is not here`, options)
    this.index = index
  }
}

/** A write to a store that only serves what already exists. */
export class ReadOnlyStoreError extends P2PShareError {
  static override readonly name = 'ReadOnlyStoreError'
  override readonly name = 'ReadOnlyStoreError'
  readonly code = 'ERR_READ_ONLY_STORE'
  readonly fault = 'local'
}
