/** Dials to one host in a minute: false records must not make this node flood somebody. */
export const MAX_DIALS_PER_HOST = 3

/** Hosts that are remembered for it. */
export const MAX_COUNTED_HOSTS = 4_096

const WINDOW_MS = 60_000

/** How often each host was dialled because somebody named it. Pure: the time comes in. */
export class DialBudget {
  readonly #dials = new Map<string, number[]>()

  /** Takes one of `host`'s; false when it has none left. */
  take(host: string, now: number): boolean {
    const recent = (this.#dials.get(host) ?? []).filter((at) => now - at < WINDOW_MS)
    if (recent.length >= MAX_DIALS_PER_HOST) {
      return false
    }
    this.#dials.delete(host)
    this.#dials.set(host, [...recent, now])
    if (this.#dials.size > MAX_COUNTED_HOSTS) {
      const [oldest = ''] = this.#dials.keys()
      this.#dials.delete(oldest)
    }
    return true
  }
}
