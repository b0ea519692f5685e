import type { NetworkName, TraceEvent } from '../types.ts'

type Distribute<E> = E extends unknown ? Omit<E, 'atMs' | 'network'> : never

/** A trace event without what all of them have. */
export type TraceStep = Distribute<TraceEvent>

/** Takes what happens in a lookup. */
export type Emit = (step: TraceStep) => void

/** Nobody watches. */
export const unwatched: Emit = () => undefined

/** Puts the clock and the network's name on each step. */
export function watchedBy(network: NetworkName, listener: (event: TraceEvent) => void): Emit {
  const startedAt = performance.now()
  return (step) => {
    listener({ ...step, atMs: performance.now() - startedAt, network })
  }
}
