/** Lets one call in `everyMs` through. `now` is any clock in milliseconds that does not go back. */
export function createThrottle(everyMs: number): (now: number) => boolean {
  let last = Number.NEGATIVE_INFINITY
  return (now) => {
    if (now - last < everyMs) {
      return false
    }
    last = now
    return true
  }
}
