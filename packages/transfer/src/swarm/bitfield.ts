/** A contiguous run of leaf indices: `[start, start + count)`. */
export interface Range {
  readonly start: number
  readonly count: number
}

/** A set of leaf indices in `[0, length)`, one bit each. */
export class Bitfield {
  readonly length: number
  readonly #bits: Uint8Array
  #count = 0

  constructor(length: number) {
    this.length = length
    this.#bits = new Uint8Array(Math.ceil(length / 8))
  }

  static full(length: number): Bitfield {
    const field = new Bitfield(length)
    field.setRange({ start: 0, count: length })
    return field
  }

  /** How many indices are in the set. */
  get count(): number {
    return this.#count
  }

  has(index: number): boolean {
    return ((this.#bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0
  }

  /** Returns whether the set changed. Indices outside the field are ignored: callers check ranges at the edge. */
  set(index: number): boolean {
    if (index < 0 || index >= this.length || this.has(index)) {
      return false
    }
    this.#bits[index >> 3] = (this.#bits[index >> 3] ?? 0) | (1 << (index & 7))
    this.#count++
    return true
  }

  clear(index: number): boolean {
    if (!this.has(index)) {
      return false
    }
    this.#bits[index >> 3] = (this.#bits[index >> 3] ?? 0) & ~(1 << (index & 7))
    this.#count--
    return true
  }

  setRange(range: Range): void {
    for (let index = range.start; index < range.start + range.count; index++) {
      this.set(index)
    }
  }

  copy(): Bitfield {
    const field = new Bitfield(this.length)
    field.#bits.set(this.#bits)
    field.#count = this.#count
    return field
  }

  /** The first index at or after `from` that is in both sets, found eight at a time. */
  nextCommon(other: Bitfield, from: number): number | undefined {
    let at = from >> 3
    let byte = (this.#bits[at] ?? 0) & (other.#bits[at] ?? 0) & (0xff << (from & 7))
    while (byte === 0) {
      at++
      if (at >= this.#bits.length) {
        return undefined
      }
      byte = (this.#bits[at] ?? 0) & (other.#bits[at] ?? 0)
    }
    // the lowest bit that is set
    return at * 8 + 31 - Math.clz32(byte & -byte)
  }

  *indices(): Generator<number> {
    for (const { start, count } of this.ranges()) {
      for (let index = start; index < start + count; index++) {
        yield index
      }
    }
  }

  /** The set as ascending, disjoint, non-adjacent ranges. */
  *ranges(): Generator<Range> {
    let start = -1
    for (let index = 0; index < this.length; index++) {
      // eight at once where nothing begins or ends
      const boring = start < 0 ? 0x00 : 0xff
      while ((index & 7) === 0 && index + 8 <= this.length && this.#bits[index >> 3] === boring) {
        index += 8
      }
      const held = this.has(index)
      if (held && start < 0) {
        start = index
      } else if (!held && start >= 0) {
        yield { start, count: index - start }
        start = -1
      }
    }
    if (start >= 0) {
      yield { start, count: this.length - start }
    }
  }
}

/** Merge indices in any order into ascending, disjoint ranges. */
export function toRanges(indices: Iterable<number>): Range[] {
  const ranges: Array<{ start: number; count: number }> = []
  for (const index of [...indices].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last === undefined || index > last.start + last.count) {
      ranges.push({ start: index, count: 1 })
    } else if (index === last.start + last.count) {
      last.count++
    }
  }
  return ranges
}
