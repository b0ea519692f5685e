/** What a signal means: the first one stops cleanly, a later one gives up waiting. */
export type InterruptAction = 'stop' | 'exit' | 'ignore'

/** What a program remembers between signals; empty at its start. */
export interface InterruptState {
  /** When the first signal came; `undefined` before. */
  readonly firstAt?: number
}

/**
 * Signals this close together are one key press: a terminal sends Ctrl-C to the whole process group, and npx and our
 * own launcher pass theirs on as well.
 */
export const SAME_PRESS_MS = 250

/** Pure: `now` in milliseconds. */
export function onInterrupt(
  state: InterruptState,
  now: number
): { readonly state: InterruptState; readonly action: InterruptAction } {
  if (state.firstAt === undefined) {
    return { state: { firstAt: now }, action: 'stop' }
  }
  return { state, action: now - state.firstAt < SAME_PRESS_MS ? 'ignore' : 'exit' }
}
