/** A scheduled callback. */
export interface HeapTimer {
  readonly atMs: number
  /** Breaks ties: what was scheduled first fires first. */
  readonly order: number
  readonly callback: () => void
  cancelled: boolean
}

const before = (a: HeapTimer, b: HeapTimer): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)

/** Binary min-heap of timers by time, then by order of scheduling. Cancelled ones are dropped when they reach the top. */
export class TimerHeap {
  readonly #items: HeapTimer[] = []

  push(timer: HeapTimer): void {
    const items = this.#items
    let index = items.push(timer) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = items[parent]
      if (above === undefined || !before(timer, above)) {
        break
      }
      items[index] = above
      index = parent
    }
    items[index] = timer
  }

  /** The next timer that was not cancelled. */
  peek(): HeapTimer | undefined {
    while (this.#items[0]?.cancelled === true) {
      this.#removeTop()
    }
    return this.#items[0]
  }

  pop(): HeapTimer | undefined {
    const top = this.peek()
    if (top !== undefined) {
      this.#removeTop()
    }
    return top
  }

  #removeTop(): void {
    const items = this.#items
    const last = items.pop()
    if (last === undefined || items.length === 0) {
      return
    }
    let index = 0
    while (true) {
      const left = items[2 * index + 1]
      const right = items[2 * index + 2]
      if (left === undefined) {
        break
      }
      const rightFirst = right !== undefined && before(right, left)
      const child = rightFirst ? right : left
      if (!before(child, last)) {
        break
      }
      items[index] = child
      index = 2 * index + (rightFirst ? 2 : 1)
    }
    items[index] = last
  }
}
