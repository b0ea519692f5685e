import type { LookupCounts } from '../types.ts'

/** Counts what lookups cost and met. */
export class Meter implements LookupCounts {
  finds = 0
  provides = 0
  messages = 0
  timeouts = 0
  failures = 0
  alarms = 0

  /** A copy that does not change any more. */
  read(): LookupCounts {
    const { finds, provides, messages, timeouts, failures, alarms } = this
    return { finds, provides, messages, timeouts, failures, alarms }
  }
}
