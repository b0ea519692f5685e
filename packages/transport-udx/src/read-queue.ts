import { Uint8ArrayList } from 'uint8arraylist'

/**
 * Puts the reads of one turn of the event loop together: UDX hands up one packet at a time, and each costs a pass through
 * encryption and muxer. Holds `limitBytes` at most, plus one packet.
 */
export class ReadQueue {
  readonly #limitBytes: number
  readonly #take: (data: Uint8ArrayList) => void
  #waiting: Uint8ArrayList | undefined

  constructor(limitBytes: number, take: (data: Uint8ArrayList) => void) {
    this.#limitBytes = limitBytes
    this.#take = take
  }

  push(bytes: Uint8Array): void {
    if (this.#waiting === undefined) {
      this.#waiting = new Uint8ArrayList(bytes)
      setImmediate(() => {
        this.flush()
      })
    } else {
      this.#waiting.append(bytes)
    }
    if (this.#waiting.byteLength >= this.#limitBytes) {
      this.flush()
    }
  }

  flush(): void {
    const data = this.#waiting
    this.#waiting = undefined
    if (data !== undefined) {
      this.#take(data)
    }
  }
}
