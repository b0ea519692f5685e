import type { DhtPosition } from './position.ts'

/** A request to `node` for the nearest to `target`. */
export interface DhtAsk {
  readonly node: number
  readonly target: DhtPosition
}

/** What a lookup wants sent now. */
export interface DhtStep<Ask extends DhtAsk> {
  readonly asks: readonly Ask[]
  /** Whom the record goes to. */
  readonly puts: readonly number[]
  readonly isDone: boolean
}

/** What decides in one search or announcement. All calls come from the operation, one after the other, in virtual time. */
export interface DhtLookup<Ask extends DhtAsk = DhtAsk> {
  step(): DhtStep<Ask>
  /** `records`: providers it named, true or not. */
  answered(ask: Ask, closer: readonly number[], records: number): void
  /** Nobody should wait for it any longer. It may still answer. */
  slow(ask: Ask): void
  failed(ask: Ask): void
  acked(node: number): void
  putSlow(node: number): void
  refused(node: number): void
}

/** How long a request may take, in milliseconds. */
export interface DhtPatience {
  /** Then `slow` or `putSlow` is called. `Infinity`: never. */
  softMs(connected: boolean): number
  /** Then it has failed. */
  hardMs(node: number): number
}
