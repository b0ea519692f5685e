/**
 * Lets one call in `everyMs` through, and none before `from`. `now` is any clock in milliseconds that does not go back.
 */
export function createThrottle(everyMs: number, from = Number.NEGATIVE_INFINITY): (now: number) => boolean {
  let next = from
  return (now) => {
    if (now < next) {
      return false
    }
    next = now + everyMs
    return true
  }
}
