/** Counts events per key in fixed windows. Pure: time comes in. At most `maxKeys` keys; the oldest window goes first. */
export class RateWindow {
  readonly #windows = new Map<string, { start: number; count: number }>()
  readonly #windowMs: number
  readonly #maxKeys: number

  constructor(windowMs: number, maxKeys: number) {
    this.#windowMs = windowMs
    this.#maxKeys = maxKeys
  }

  /** Count one event of `key`. False when it is beyond `max` in this window. */
  take(key: string, max: number, now: number): boolean {
    const window = this.#windows.get(key)
    if (window !== undefined && now - window.start < this.#windowMs) {
      window.count++
      return window.count <= max
    }
    this.#windows.delete(key)
    if (this.#windows.size >= this.#maxKeys) {
      for (const oldest of this.#windows.keys()) {
        this.#windows.delete(oldest)
        break
      }
    }
    this.#windows.set(key, { start: now, count: 1 })
    return max >= 1
  }
}
