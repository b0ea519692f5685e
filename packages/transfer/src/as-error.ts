import { P2PShareError } from '@p2pshare/interface'

/** Something that is not an `Error` was thrown by code that is not ours. `cause` has it. */
export class ForeignThrowError extends P2PShareError {
  static override readonly name = 'ForeignThrowError'
  override readonly name = 'ForeignThrowError'
  readonly code = 'ERR_FOREIGN_THROW'
  readonly fault = 'local'
}

/** What was caught, as an `Error`. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new ForeignThrowError(String(thrown), { cause: thrown })
}
