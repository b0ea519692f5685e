import type { CounterGroup } from '@libp2p/interface'
import type { LookupCounts } from '../types.ts'

/** Counts what lookups cost and met; libp2p's metrics, if the node has some, are told as well. */
export class Meter implements LookupCounts {
  finds = 0
  provides = 0
  messages = 0
  timeouts = 0
  failures = 0
  alarms = 0
  readonly #counters: CounterGroup<keyof LookupCounts> | undefined

  constructor(counters?: CounterGroup<keyof LookupCounts>) {
    this.#counters = counters
  }

  /** Adds `by` to the number of such events. */
  count(event: keyof LookupCounts, by = 1): void {
    this[event] += by
    this.#counters?.increment({ [event]: by })
  }

  /** A copy that does not change any more. */
  read(): LookupCounts {
    const { finds, provides, messages, timeouts, failures, alarms } = this
    return { finds, provides, messages, timeouts, failures, alarms }
  }
}
