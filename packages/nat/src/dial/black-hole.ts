import { BLACK_HOLE_MIN_SUCCESSES, BLACK_HOLE_PROBE_MS, BLACK_HOLE_WINDOW } from './constants.ts'

/** What is known of one class of transports. */
export interface ClassRecord {
  /** The last dials, oldest first: whether a connection came of it. */
  readonly outcomes: readonly boolean[]
  /** When it last kept its place in a dial though it was in a black hole. */
  readonly probedAt: number
}

/** By class. */
export type BlackHoles = ReadonlyMap<string, ClassRecord>

/** Nothing was dialled yet. */
export const NO_BLACK_HOLES: BlackHoles = new Map()

/** One more dial of a class ended. A dial that was called off says nothing and is not recorded. Pure. */
export function recordDial(state: BlackHoles, dialled: string, ok: boolean, now: number): BlackHoles {
  const known = state.get(dialled)
  const before = isHole(known)
  // the first success after a black hole ends it: whatever was in the way is gone
  const outcomes = before && ok ? [true] : [...(known?.outcomes ?? []), ok].slice(-BLACK_HOLE_WINDOW)
  const record: ClassRecord = { outcomes, probedAt: known?.probedAt ?? -Infinity }
  const starts = !before && isHole(record)
  return new Map(state).set(dialled, starts ? { ...record, probedAt: now } : record)
}

/** Whether dials of a class came to nothing so often that it is dialled after all others. Pure. */
export function isBlackHole(state: BlackHoles, dialled: string): boolean {
  return isHole(state.get(dialled))
}

/**
 * The classes among `classes` to put last in a dial that starts now. One in a black hole keeps its place now and then,
 * to see whether it is out. Pure.
 */
export function putLast(
  state: BlackHoles,
  classes: readonly string[],
  now: number
): { readonly state: BlackHoles; readonly last: ReadonlySet<string> } {
  const next = new Map(state)
  const last = new Set<string>()
  for (const each of new Set(classes)) {
    const record = state.get(each)
    if (record !== undefined && isHole(record)) {
      if (now - record.probedAt >= BLACK_HOLE_PROBE_MS) {
        next.set(each, { ...record, probedAt: now })
      } else {
        last.add(each)
      }
    }
  }
  return { state: next, last }
}

function isHole(record: ClassRecord | undefined): boolean {
  const outcomes = record?.outcomes ?? []
  return outcomes.length >= BLACK_HOLE_WINDOW && outcomes.filter(Boolean).length < BLACK_HOLE_MIN_SUCCESSES
}
