import type { MembershipMachine } from '../membership/types.ts'

/** A timer that fires later than this shows that the process stood still: what others sent meanwhile is read first. */
const LATE_MS = 25

/** Turns of the event loop after which bytes that lay in sockets have become messages. */
const DRAIN_TURNS = 3

/** What a `MachineLoop` works with. */
export interface MachineLoopInit {
  readonly machine: MembershipMachine
  readonly now: () => number
  /** After each call into the machine, outside of it. */
  readonly onSettled: () => void
  /** A fault of this program, which must not look like one of the peer whose message it was. */
  readonly onError: (error: unknown) => void
}

/**
 * The only one that calls the machine: one call at a time, whatever calls come from within effects, and the timer that
 * wakes it.
 */
export class MachineLoop {
  readonly #init: MachineLoopInit
  readonly #calls: ((machine: MembershipMachine, now: number) => void)[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerAt = Infinity
  #isBusy = false
  #isRunning = true

  constructor(init: MachineLoopInit) {
    this.#init = init
  }

  call(run: (machine: MembershipMachine, now: number) => void): void {
    if (!this.#isRunning) {
      return
    }
    this.#calls.push(run)
    if (this.#isBusy) {
      return
    }
    this.#isBusy = true
    for (let next = this.#calls.shift(); next !== undefined; next = this.#calls.shift()) {
      try {
        next(this.#init.machine, this.#init.now())
      } catch (error) {
        this.#init.onError(error)
      }
    }
    this.#isBusy = false
    this.#init.onSettled()
    this.#watch()
  }

  stop(): void {
    this.#isRunning = false
    this.#calls.length = 0
    clearTimeout(this.#timer)
  }

  /** A timer that is set for earlier may stay: it finds nothing to do and sets the next. */
  #watch(): void {
    const { wakeAt } = this.#init.machine
    if (!this.#isRunning || wakeAt >= this.#timerAt) {
      return
    }
    clearTimeout(this.#timer)
    this.#timerAt = wakeAt
    this.#timer = setTimeout(this.#onTimer, Math.max(0, Math.ceil(wakeAt - this.#init.now())))
  }

  readonly #onTimer = (): void => {
    const isLate = this.#init.now() - this.#timerAt > LATE_MS
    this.#wake(isLate ? DRAIN_TURNS : 0)
  }

  #wake(turns: number): void {
    if (turns > 0) {
      this.#timer = setTimeout(() => {
        this.#wake(turns - 1)
      }, 0)
      return
    }
    this.#timerAt = Infinity
    this.call((machine, now) => {
      if (now >= machine.wakeAt) {
        machine.tick(now)
      }
    })
    this.#watch()
  }
}
