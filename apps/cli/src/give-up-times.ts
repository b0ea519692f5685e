import type { GetOptions } from '@p2pshare/core'

/**
 * When a `get` gives up. `--timeout` is for all of it; `--stall-timeout` is stronger for what was found and then sends
 * nothing, be it for the sake of the disk.
 */
export function giveUpTimes(
  timeoutMs: number | undefined,
  stallTimeoutMs = timeoutMs
): Pick<GetOptions, 'findTimeoutMs' | 'stallTimeoutMs' | 'diskTimeoutMs'> {
  return {
    ...(timeoutMs === undefined ? {} : { findTimeoutMs: timeoutMs }),
    ...(stallTimeoutMs === undefined ? {} : { stallTimeoutMs, diskTimeoutMs: stallTimeoutMs })
  }
}
