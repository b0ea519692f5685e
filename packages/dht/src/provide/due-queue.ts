/** Items by when they are due, the earliest first. Pure. Each operation costs log n: a node may keep 10,000 roots. */
export class DueQueue<T> {
  readonly #heap: Array<{ item: T; dueAt: number }> = []
  readonly #places = new Map<T, number>()

  get size(): number {
    return this.#heap.length
  }

  /** Add an item, or change when it is due. `Infinity` takes it out: it is not due at all. */
  set(item: T, dueAt: number): void {
    this.delete(item)
    if (dueAt !== Infinity) {
      this.#heap.push({ item, dueAt })
      this.#rise(this.#heap.length - 1)
    }
  }

  delete(item: T): void {
    const place = this.#places.get(item)
    if (place === undefined) {
      return
    }
    this.#places.delete(item)
    const last = this.#heap.pop()
    if (last !== undefined && place < this.#heap.length) {
      this.#put(place, last)
      this.#rise(place)
      this.#sink(place)
    }
  }

  /** The item that is due next; it stays. */
  peek(): { readonly item: T; readonly dueAt: number } | undefined {
    return this.#heap[0]
  }

  #put(place: number, entry: { item: T; dueAt: number }): void {
    this.#heap[place] = entry
    this.#places.set(entry.item, place)
  }

  #rise(from: number): void {
    const entry = this.#heap[from]
    if (entry === undefined) {
      return
    }
    let place = from
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = this.#heap[above]
      if (parent === undefined || parent.dueAt <= entry.dueAt) {
        break
      }
      this.#put(place, parent)
      place = above
    }
    this.#put(place, entry)
  }

  #sink(from: number): void {
    const entry = this.#heap[from]
    if (entry === undefined) {
      return
    }
    let place = from
    for (let next = this.#smallerChild(place); next !== undefined; next = this.#smallerChild(place)) {
      const child = this.#heap[next]
      if (child === undefined || child.dueAt >= entry.dueAt) {
        break
      }
      this.#put(place, child)
      place = next
    }
    this.#put(place, entry)
  }

  #smallerChild(place: number): number | undefined {
    const left = 2 * place + 1
    const [a, b] = [this.#heap[left], this.#heap[left + 1]]
    if (a === undefined) {
      return undefined
    }
    return b !== undefined && b.dueAt < a.dueAt ? left + 1 : left
  }
}
