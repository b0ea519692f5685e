import type { Connection } from '@libp2p/interface'
import { MAX_TRIAL_MS, MAX_TRIALS, TRIAL_DRAIN_CHECK_MS } from './constants.ts'
import { Drains } from './drain.ts'

/** Connections that were opened to try an address of their peer, and are closed after that. */
const trials = new WeakSet<object>()

/**
 * Ends connections that only tried an address. libp2p tells everybody of every connection, and who has something to say to
 * the peer may have taken this one: it stays until that is over. What the peer does on it keeps it for a while only, and not
 * more than some: who asks for many trials must not have as many connections.
 */
export class Trials {
  readonly #drains = new Drains({ checkMs: TRIAL_DRAIN_CHECK_MS, maxForeignUseMs: MAX_TRIAL_MS, max: MAX_TRIALS })

  /** From now on others take it only where there is nothing else. */
  mark(connection: Connection): void {
    trials.add(connection)
  }

  /** It has done what it was opened for. */
  end(connection: Connection): void {
    this.#drains.drain(connection, () => true)
  }

  /** The node stops, and closes what is open itself. */
  stop(): void {
    this.#drains.stop()
  }
}

/** Whether it only tries an address. */
export function isTrial(connection: Connection): boolean {
  return trials.has(connection)
}

/** Those that only try an address come last; otherwise in the order they are in. */
export function trialsLast(connections: readonly Connection[]): Connection[] {
  return [false, true].flatMap((wanted) => connections.filter((each) => isTrial(each) === wanted))
}
