import { asError } from './as-error.ts'

/** Those who wait until something has changed, and look again then. */
export class Waiters {
  #turn = 0
  readonly #waiting = new Set<() => void>()

  /** Which look this is: taken before, so that nothing is missed between a look and the wait. */
  get turn(): number {
    return this.#turn
  }

  /** Something has. */
  wake(): void {
    this.#turn++
    for (const goOn of [...this.#waiting]) {
      goOn()
    }
  }

  /** Until something has changed since that turn. Rejects with the signal's reason. */
  async after(turn: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (turn !== this.#turn) {
      return
    }
    await new Promise<void>((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(goOn)
        signal.removeEventListener('abort', onAbort)
      }
      const goOn = (): void => {
        end()
        resolve()
      }
      const onAbort = (): void => {
        end()
        reject(asError(signal.reason))
      }
      this.#waiting.add(goOn)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }
}
