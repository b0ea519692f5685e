/** Whose turn it is when: one place each in an array, since a simulation of 10,000 members asks 10^9 times. */
export const DUE_STEP = 0
export const DUE_PROBE = 1
export const DUE_PUSH = 2
export const DUE_VERDICT = 3
export const DUE_SYNC = 4
export const DUE_REFUSAL = 5
export const DUE_RELINK = 6
export const DUE_COMPARE = 7
export const DUE_RECONNECT = 8
const DUES = 9

/** Nothing is due. */
export function newDues(): Float64Array {
  return new Float64Array(DUES).fill(Infinity)
}

/** When the first is due. */
export function earliest(dues: Float64Array): number {
  let first = Infinity
  for (let place = 0; place < DUES; place++) {
    const due = dues[place] ?? Infinity
    if (due < first) {
      first = due
    }
  }
  return first
}
