interface Entry<Item> {
  readonly at: number
  readonly item: Item
}

/** Items by the time at which they are due: a binary min-heap. Nothing is taken out early; who pops looks again. */
export class DueQueue<Item> {
  readonly #heap: Array<Entry<Item>> = []

  /** When the first one is due; `Infinity` when there is none. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Infinity
  }

  push(at: number, item: Item): void {
    const heap = this.#heap
    let index = heap.length
    heap.push({ at, item })
    for (let parent = heap[(index - 1) >> 1]; index > 0 && parent !== undefined && parent.at > at;) {
      heap[index] = parent
      index = (index - 1) >> 1
      parent = heap[(index - 1) >> 1]
    }
    heap[index] = { at, item }
  }

  /** Take the first one off if it is due. */
  popDue(now: number): Item | undefined {
    const [top] = this.#heap
    if (top === undefined || top.at > now) {
      return undefined
    }
    const last = this.#heap.pop()
    if (last !== undefined && last !== top) {
      this.#sink(last)
    }
    return top.item
  }

  #sink(entry: Entry<Item>): void {
    const heap = this.#heap
    let index = 0
    while (true) {
      const left = heap[2 * index + 1]
      const right = heap[2 * index + 2]
      const child = right !== undefined && left !== undefined && right.at < left.at ? right : left
      if (child === undefined || child.at >= entry.at) {
        break
      }
      heap[index] = child
      index = 2 * index + (child === right ? 2 : 1)
    }
    heap[index] = entry
  }
}
