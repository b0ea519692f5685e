/** A running fingerprint of what happened: two runs with the same one went the same way. Not for secrets. */
export class EventHash {
  #low = 0x811c9dc5
  #high = 0x9e3779b9

  /** Add one number; times should be whole microseconds, so that every machine agrees on them. */
  add(value: number): void {
    // FNV-1a by words, and a second lane with another multiplier, so that 64 bits have to agree
    this.#low = Math.imul(this.#low ^ value, 0x01000193)
    this.#high = Math.imul((this.#high ^ value) + 0x7f4a7c15, 0x85ebca6b) ^ (this.#high >>> 15)
  }

  /** 16 hexadecimal digits. */
  get digest(): string {
    return hex(this.#high) + hex(this.#low)
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
