interface Entry {
  readonly parts: Uint8Array[]
  readonly done: (() => void) | undefined
}

/** What was given to be written, cut into pieces of any length. Pure. */
export class WriteQueue {
  readonly #entries: Entry[] = []
  #queuedBytes = 0

  /** Bytes that were added and not cut off. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** `done` is called when the last of the parts is used. */
  add(parts: readonly Uint8Array[], done?: () => void): void {
    const some = parts.filter(({ byteLength }) => byteLength > 0)
    this.#entries.push({ parts: some, done })
    this.#queuedBytes += some.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** `use` gets up to so many bytes from the front; they are not referred to any more when it returns. */
  cut(mostBytes: number, use: (parts: readonly Uint8Array[]) => void): void {
    const cut: Uint8Array[] = []
    const used: Array<() => void> = []
    let left = mostBytes
    for (let entry = this.#entries[0]; entry !== undefined; entry = this.#entries[0]) {
      for (let part = entry.parts[0]; part !== undefined && left > 0; part = entry.parts[0]) {
        const piece = part.subarray(0, left)
        cut.push(piece)
        left -= piece.byteLength
        if (piece.byteLength === part.byteLength) {
          entry.parts.shift()
        } else {
          entry.parts[0] = part.subarray(piece.byteLength)
        }
      }
      if (entry.parts.length > 0) {
        break
      }
      this.#entries.shift()
      if (entry.done !== undefined) {
        used.push(entry.done)
      }
    }
    this.#queuedBytes -= mostBytes - left
    if (cut.length > 0) {
      use(cut)
    }
    for (const done of used) {
      done()
    }
  }

  /** Everything is dropped, and everybody told. */
  clear(): void {
    this.#queuedBytes = 0
    for (const { done } of this.#entries.splice(0)) {
      done?.()
    }
  }
}
