import { P2PShareError } from '@p2pshare/interface'

/** The configuration has a key that is unknown or a value that cannot work. */
export class ConfigError extends P2PShareError {
  static override readonly name = 'ConfigError'
  override readonly name = 'ConfigError'
  readonly code = 'ERR_CONFIG'
  readonly fault = 'user'
  /** `http.port`, `listen[0]`; empty when it is about the whole file. */
  readonly key: string
  /** Where it was read: a file name, or the name of an environment variable. */
  readonly source: string
  override readonly advice = 'see the table of keys in the README of @p2pshare/node-server'

  constructor(key: string, problem: string, source: string, options?: ErrorOptions) {
    super(key === '' ? `${source}: ${problem}` : `${source}: ${key} ${problem}`, options)
    this.key = key
    this.source = source
  }
}

/** Stopping took longer than it may. */
export class ShutdownTimeoutError extends P2PShareError {
  static override readonly name = 'ShutdownTimeoutError'
  override readonly name = 'ShutdownTimeoutError'
  readonly code = 'ERR_SHUTDOWN_TIMEOUT'
  readonly fault = 'local'

  constructor(afterMs: number) {
    super(`not stopped after ${afterMs} ms`)
  }
}

/** A request to the API that cannot be meant. Answered with 400. */
export class RequestError extends P2PShareError {
  static override readonly name = 'RequestError'
  override readonly name = 'RequestError'
  readonly code = 'ERR_REQUEST'
  readonly fault = 'user'
}
