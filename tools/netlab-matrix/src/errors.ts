/** The command line makes no sense. */
export class MatrixUsageError extends Error {
  override readonly name = 'MatrixUsageError'
  readonly code = 'ERR_MATRIX_USAGE'
  readonly fault = 'user'
}

/** A program of a run did not do what was waited for. */
export class RunError extends Error {
  override readonly name = 'RunError'
  readonly code = 'ERR_MATRIX_RUN'
  readonly fault = 'local'
}

/** Whether an error says that there can be no lab on this machine; its `advice` says what to do about it. */
export function isNoLab(error: unknown): error is Error & { readonly advice?: string } {
  return error instanceof Error && (error.name === 'MissingToolsError' || error.name === 'NoNamespacesError')
}
