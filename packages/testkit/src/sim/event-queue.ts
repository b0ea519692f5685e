/**
 * What happens next in virtual time: a binary min-heap by time, then by order of scheduling, so that equal times keep
 * their order. Keys are in typed arrays, since a simulation puts millions of events through it.
 */
export class EventQueue<Item> {
  #at = new Float64Array(1024)
  #order = new Float64Array(1024)
  readonly #items: Item[] = []
  #scheduled = 0

  get size(): number {
    return this.#items.length
  }

  /** When the next one is due. */
  get nextAt(): number | undefined {
    return this.#items.length === 0 ? undefined : this.#at[0]
  }

  push(at: number, item: Item): void {
    const size = this.#items.length
    if (size === this.#at.length) {
      this.#at = doubled(this.#at)
      this.#order = doubled(this.#order)
    }
    this.#items.push(item)
    this.#rise(size, at, this.#scheduled++, item)
  }

  /** Take the next one off. */
  pop(): Item | undefined {
    const top = this.#items[0]
    const last = this.#items.pop()
    const size = this.#items.length
    if (last !== undefined && size > 0) {
      this.#sink(this.#at[size] ?? 0, this.#order[size] ?? 0, last)
    }
    return top
  }

  #rise(hole: number, at: number, order: number, item: Item): void {
    let index = hole
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#isLater(parent, at, order)) {
        break
      }
      this.#move(parent, index)
      index = parent
    }
    this.#put(index, at, order, item)
  }

  #sink(at: number, order: number, item: Item): void {
    const size = this.#items.length
    let index = 0
    for (let child = 1; child < size; child = 2 * index + 1) {
      const right = child + 1
      if (right < size && this.#isLater(child, this.#at[right] ?? 0, this.#order[right] ?? 0)) {
        child = right
      }
      if (this.#isLater(child, at, order)) {
        break
      }
      this.#move(child, index)
      index = child
    }
    this.#put(index, at, order, item)
  }

  /** Whether the one at `index` is due after (`at`, `order`). */
  #isLater(index: number, at: number, order: number): boolean {
    const here = this.#at[index] ?? 0
    return here > at || (here === at && (this.#order[index] ?? 0) > order)
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#at[from] ?? 0, this.#order[from] ?? 0, this.#items[from] as Item)
  }

  #put(index: number, at: number, order: number, item: Item): void {
    this.#at[index] = at
    this.#order[index] = order
    this.#items[index] = item
  }
}

function doubled(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2)
  larger.set(array)
  return larger
}
