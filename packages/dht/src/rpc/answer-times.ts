import { softTimeoutMs } from '../rules/soft-timeout.ts'

/** Answers whose times count: the network of an hour ago is another one. */
const WINDOW = 64

/** Fewer say nothing about the slow ones. */
const LEAST = 8

/** How long connected peers and strangers take to answer, and so how long to wait before the next is asked. Pure. */
export class AnswerTimes {
  readonly #connected: number[] = []
  readonly #strangers: number[] = []

  add(connected: boolean, tookMs: number): void {
    const times = connected ? this.#connected : this.#strangers
    times.push(tookMs)
    if (times.length > WINDOW) {
      times.shift()
    }
  }

  /** In milliseconds. */
  softTimeoutMs(connected: boolean): number {
    const times = connected ? this.#connected : this.#strangers
    if (times.length < LEAST) {
      return softTimeoutMs({ connected })
    }
    const sorted = [...times].sort((a, b) => a - b)
    const p95Ms = sorted[Math.floor(0.95 * sorted.length)] ?? 0
    return softTimeoutMs({ connected, p95Ms })
  }
}
