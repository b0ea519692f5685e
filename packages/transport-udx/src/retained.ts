/**
 * What was sent and is not known to have arrived, by its offset in the connection. UDX keeps the same buffers until they
 * are acknowledged, so holding on to them costs next to nothing. Pure.
 */
export class Retained {
  readonly #parts: Uint8Array[] = []
  #start = 0
  #end = 0

  /** The offset of the first byte that is kept. */
  get start(): number {
    return this.#start
  }

  /** The offset behind the last one: how much was sent in all. */
  get end(): number {
    return this.#end
  }

  push(bytes: Uint8Array): void {
    this.#parts.push(bytes)
    this.#end += bytes.length
  }

  /** Everything before `offset` arrived. Whole parts are let go of. */
  release(offset: number): void {
    let count = 0
    for (const { length } of this.#parts) {
      if (this.#start + length > offset) {
        break
      }
      this.#start += length
      count++
    }
    this.#parts.splice(0, count)
  }

  /** What was sent from `offset` on; `undefined`: it is not kept any more, or was never sent. */
  from(offset: number): Uint8Array[] | undefined {
    if (offset < this.#start || offset > this.#end) {
      return undefined
    }
    const parts: Uint8Array[] = []
    let at = this.#start
    for (const part of this.#parts) {
      if (at + part.length > offset) {
        parts.push(part.subarray(Math.max(0, offset - at)))
      }
      at += part.length
    }
    return parts
  }
}
