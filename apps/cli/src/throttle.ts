/**
 * Lets one call in `everyMs` through, and none until `firstMs` after the first call. `now` is any clock in milliseconds
 * that does not go back.
 */
export function createThrottle(everyMs: number, firstMs = 0): (now: number) => boolean {
  let next: number | undefined
  return (now) => {
    next ??= now + firstMs
    if (now < next) {
      return false
    }
    next = now + everyMs
    return true
  }
}
