import type { Status } from './types.ts'

/** Statuses as they are held in arrays: one byte a member. `ALIVE` and `SUSPECT` are live. */
export const UNKNOWN = 0
export const ALIVE = 1
export const SUSPECT = 2
export const DEAD = 3
export const LEFT = 4

/** No member: a ring without a subject. */
export const NOBODY = -1

export type State = typeof UNKNOWN | typeof ALIVE | typeof SUSPECT | typeof DEAD | typeof LEFT

/** Live members are in the rings. */
export function isLive(state: number | undefined): boolean {
  return state === ALIVE || state === SUSPECT
}

const names: readonly (Status | undefined)[] = [undefined, 'alive', 'suspect', 'dead', 'left']

/** The name that users see; nothing for who is unknown. */
export function statusOf(state: number | undefined): Status | undefined {
  return names[state ?? UNKNOWN]
}
