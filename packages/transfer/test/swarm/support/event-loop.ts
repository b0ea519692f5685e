interface Scheduled {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** Virtual time: what was scheduled runs in order of time, then of scheduling. A binary heap. */
export class EventLoop {
  readonly #heap: Scheduled[] = []
  #order = 0
  #now = 0

  get now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): void {
    this.#heap.push({ at: this.#now + ms, order: this.#order++, run })
    let child = this.#heap.length - 1
    while (child > 0 && this.#isBefore(child, (child - 1) >> 1)) {
      this.#swap(child, (child - 1) >> 1)
      child = (child - 1) >> 1
    }
  }

  /** Runs until `done`, or `limitMs` of virtual time. Returns whether it was done. */
  run(done: () => boolean, limitMs: number): boolean {
    while (!done()) {
      const [next] = this.#heap
      if (next === undefined || next.at > limitMs) {
        return false
      }
      this.#pop()
      this.#now = next.at
      next.run()
    }
    return true
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) {
      return
    }
    this.#heap[0] = last
    let parent = 0
    while (true) {
      let least = parent
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < this.#heap.length && this.#isBefore(child, least)) {
          least = child
        }
      }
      if (least === parent) {
        return
      }
      this.#swap(parent, least)
      parent = least
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a], this.#heap[b]]
    if (first === undefined || second === undefined) {
      return false
    }
    return first.at < second.at || (first.at === second.at && first.order < second.order)
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]]
    if (first !== undefined && second !== undefined) {
      this.#heap[a] = second
      this.#heap[b] = first
    }
  }
}
