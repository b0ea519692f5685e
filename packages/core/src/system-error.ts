/** Whether the system refused with one of these codes. */
export function hasErrno(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(errnoOf(error) ?? '')
}

/** `ENOENT`, `EACCES` ...; `undefined` for errors that do not come from the system. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error
    ? error.code
    : undefined
}
