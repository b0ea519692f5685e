/** The command line makes no sense. */
export class BenchUsageError extends Error {
  override readonly name = 'BenchUsageError'
  readonly code = 'ERR_NAT_BENCH_USAGE'
  readonly fault = 'user'
}

/** A node of a run did not do what was waited for. */
export class RunError extends Error {
  override readonly name = 'RunError'
  readonly code = 'ERR_NAT_BENCH_RUN'
  readonly fault = 'local'
}
