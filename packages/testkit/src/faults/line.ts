import type { Clock, ClockTimer } from '../clock.ts'
import type { Fault } from './plan.ts'
import { delayOf, stepsFor } from './steps.ts'
import type { Step } from './steps.ts'

/** What comes out at the far end of a line. */
export interface LineEnd {
  deliver(bytes: Uint8Array): void
  cut(how: 'reset' | 'close', afterBytes: number): void
  /** Nothing is held any more. */
  drained(): void
  /** Nothing will come out again. */
  stuck(): void
}

type Item = Step | { readonly type: 'action'; readonly action: () => void }

/** Node treats a longer timeout as none at all. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

interface Queued {
  readonly item: Item
  readonly dueMs: number
}

/** One direction of bytes through a fault plan. In order always; at once when nothing holds it back. */
export class FaultLine {
  readonly #faults: readonly Fault[]
  readonly #clock: Clock
  readonly #out: LineEnd
  readonly #delayMs: number
  readonly #queue: Queued[] = []
  #offset = 0
  #heldBytes = 0
  #stalledUntilMs = -Infinity
  #dead = false
  #running = false
  #timer: ClockTimer | undefined

  constructor(faults: readonly Fault[], clock: Clock, out: LineEnd) {
    this.#faults = faults
    this.#clock = clock
    this.#out = out
    this.#delayMs = delayOf(faults)
  }

  /** Bytes that went in and did not come out. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Whether nothing will come out again. */
  get stuck(): boolean {
    return this.#dead || this.#stalledUntilMs === Infinity
  }

  push(bytes: Uint8Array): void {
    if (this.#dead) {
      return
    }
    const dueMs = this.#clock.now() + this.#delayMs
    for (const item of stepsFor(this.#faults, this.#offset, bytes)) {
      this.#queue.push({ item, dueMs })
      this.#heldBytes += item.type === 'pass' ? item.bytes.byteLength : 0
    }
    this.#offset += bytes.byteLength
    this.#run()
  }

  /** Something that travels behind the bytes and is held back as they are: the end of the stream, a reset. */
  then(action: () => void): void {
    if (!this.#dead) {
      this.#queue.push({ item: { type: 'action', action }, dueMs: this.#clock.now() + this.#delayMs })
      this.#run()
    }
  }

  /** Drop what is held; nothing comes out again. */
  kill(): void {
    if (this.#dead) {
      return
    }
    this.#dead = true
    this.#queue.length = 0
    this.#heldBytes = 0
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#out.stuck()
  }

  #run(): void {
    // a delivery can lead to another push here; the outer loop takes it
    if (this.#running) {
      return
    }
    this.#running = true
    try {
      while (this.#queue[0] !== undefined && this.#waitMs(this.#queue[0]) <= 0) {
        const { item } = this.#queue[0]
        this.#queue.shift()
        this.#apply(item)
      }
    } finally {
      this.#running = false
    }
    const next = this.#queue[0]
    if (next !== undefined) {
      this.#wakeIn(this.#waitMs(next))
    } else if (!this.#dead) {
      this.#out.drained()
    }
  }

  #waitMs(next: Queued): number {
    return Math.max(next.dueMs, this.#stalledUntilMs) - this.#clock.now()
  }

  #wakeIn(ms: number): void {
    if (this.#timer === undefined && ms !== Infinity) {
      this.#timer = this.#clock.setTimeout(
        () => {
          this.#timer = undefined
          this.#run()
        },
        Math.min(ms, MAX_TIMEOUT_MS)
      )
    }
  }

  #apply(item: Item): void {
    switch (item.type) {
      case 'pass':
        this.#heldBytes -= item.bytes.byteLength
        this.#out.deliver(item.bytes)
        break
      case 'stall':
        this.#stalledUntilMs = this.#clock.now() + item.ms
        if (this.stuck) {
          this.#out.stuck()
        }
        break
      case 'cut':
        this.kill()
        this.#out.cut(item.how, item.afterBytes)
        break
      case 'action':
        item.action()
        break
    }
  }
}
