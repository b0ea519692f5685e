/** Milliseconds since 1970 that do not jump: the same clock for all processes of this machine. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now()
}
