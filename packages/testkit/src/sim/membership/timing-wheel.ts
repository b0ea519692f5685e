import { grown } from './typed-arrays.ts'

/** Slots of the wheel: what is due later than that many ticks waits in the last one, and is put again. */
const SLOTS = 1 << 16
const MASK = SLOTS - 1
const NONE = -1

/** Numbers of an event lie side by side. */
const STRIDE = 8
const NEXT = 0
const DUE = 1
const KIND = 2
const NODE = 3
const LINK = 4

/** Takes events as they come due. `tick` is the wheel's time. */
export interface WheelHandler<Payload> {
  happen(kind: number, node: number, link: number, payload: Payload | undefined, tick: number): void
}

/**
 * What happens next in virtual time, in whole ticks: a calendar of lists in typed arrays, so that an event costs the
 * same however many wait. Events of one tick keep the order they were put in.
 */
export class TimingWheel<Payload> {
  /** Events that have happened. */
  events = 0
  /** Pairs of first and last event of a slot. */
  readonly #slots = new Int32Array(2 * SLOTS).fill(NONE)
  #cells = new Int32Array(1024 * STRIDE)
  readonly #payload: Array<Payload | undefined> = []
  #free = NONE
  #used = 0
  #tick = 0

  /** Now, in ticks. */
  get tick(): number {
    return this.#tick
  }

  /** Put an event; one that is due in the past happens in this tick. */
  put(tick: number, kind: number, node: number, link: number, payload: Payload | undefined): void {
    let index = this.#free
    if (index === NONE) {
      index = this.#used++
      if (this.#used * STRIDE > this.#cells.length) {
        this.#cells = grown(this.#cells, this.#cells.length * 2)
      }
    } else {
      this.#free = this.#cells[index * STRIDE + NEXT] ?? 0
    }
    const cell = index * STRIDE
    this.#cells[cell + DUE] = tick
    this.#cells[cell + KIND] = kind
    this.#cells[cell + NODE] = node
    this.#cells[cell + LINK] = link
    this.#payload[index] = payload
    this.#append(index, tick)
  }

  /** Let everything happen that is due before `end`, and stand at `end`; earlier when `done` says so after a tick. */
  run(end: number, handler: WheelHandler<Payload>, done?: () => boolean): void {
    while (this.#tick < end) {
      const slot = 2 * (this.#tick & MASK)
      if (this.#slots[slot] !== NONE) {
        this.#drain(slot, handler)
        if (done?.() === true) {
          return
        }
      }
      this.#tick++
    }
  }

  #drain(slot: number, handler: WheelHandler<Payload>): void {
    for (let index = this.#slots[slot] ?? 0; index !== NONE; index = this.#slots[slot] ?? 0) {
      const cell = index * STRIDE
      const next = this.#cells[cell + NEXT] ?? 0
      this.#slots[slot] = next
      if (next === NONE) {
        this.#slots[slot + 1] = NONE
      }
      const due = this.#cells[cell + DUE] ?? 0
      if (due > this.#tick) {
        this.#append(index, due)
        continue
      }
      const kind = this.#cells[cell + KIND] ?? 0
      const node = this.#cells[cell + NODE] ?? 0
      const link = this.#cells[cell + LINK] ?? 0
      const payload = this.#payload[index]
      this.#payload[index] = undefined
      this.#cells[cell + NEXT] = this.#free
      this.#free = index
      this.events++
      handler.happen(kind, node, link, payload, this.#tick)
    }
  }

  #append(index: number, due: number): void {
    const slot = 2 * (Math.max(this.#tick, Math.min(due, this.#tick + MASK)) & MASK)
    this.#cells[index * STRIDE + NEXT] = NONE
    const tail = this.#slots[slot + 1] ?? 0
    if (tail === NONE) {
      this.#slots[slot] = index
    } else {
      this.#cells[tail * STRIDE + NEXT] = index
    }
    this.#slots[slot + 1] = index
  }
}
