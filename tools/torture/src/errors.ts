/** The command line makes no sense. */
export class TortureUsageError extends Error {
  override readonly name = 'TortureUsageError'
  readonly code = 'ERR_TORTURE_USAGE'
  readonly fault = 'user'
}

/** The store did what it must never do. */
export class ViolationError extends Error {
  override readonly name = 'ViolationError'
  readonly code = 'ERR_VIOLATION'
  readonly fault = 'local'
}

/** @throws ViolationError unless it holds. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) {
    throw new ViolationError(what)
  }
}
