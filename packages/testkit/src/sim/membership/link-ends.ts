/** Places for peers of one node, a power of two: twice as many as it usually has. */
const PLACES = 64
const MASK = PLACES - 1
/** Beyond so many, further peers go into a map. */
const MOST = 48
const STRIDE = PLACES * 2
const EMPTY = 0
const DELETED = -1

/** Which link each node has to which peer: small hash tables side by side, since each message looks one up. */
export class LinkEnds {
  /** By node: pairs of peer + 1 and link. */
  readonly #table: Int32Array
  readonly #used: Uint8Array
  readonly #more = new Map<number, Map<number, number>>()

  constructor(nodes: number) {
    this.#table = new Int32Array(nodes * STRIDE)
    this.#used = new Uint8Array(nodes)
  }

  find(node: number, peer: number): number | undefined {
    const place = this.#placeOf(node, peer)
    return place < 0 ? this.#more.get(node)?.get(peer) : this.#table[place + 1]
  }

  set(node: number, peer: number, link: number): void {
    this.delete(node, peer)
    if ((this.#used[node] ?? 0) >= MOST) {
      this.#clean(node)
    }
    if ((this.#used[node] ?? 0) >= MOST) {
      const more = this.#more.get(node) ?? new Map<number, number>()
      this.#more.set(node, more.set(peer, link))
      return
    }
    let place = node * STRIDE + 2 * hashed(peer)
    while ((this.#table[place] ?? 0) !== EMPTY) {
      place = next(place, node)
    }
    this.#table[place] = peer + 1
    this.#table[place + 1] = link
    this.#used[node] = (this.#used[node] ?? 0) + 1
  }

  delete(node: number, peer: number): void {
    const place = this.#placeOf(node, peer)
    if (place < 0) {
      this.#more.get(node)?.delete(peer)
    } else {
      this.#table[place] = DELETED
    }
  }

  of(node: number): [peer: number, link: number][] {
    const ends: [peer: number, link: number][] = []
    for (let place = node * STRIDE; place < (node + 1) * STRIDE; place += 2) {
      const peer = this.#table[place] ?? 0
      if (peer > EMPTY) {
        ends.push([peer - 1, this.#table[place + 1] ?? 0])
      }
    }
    return [...ends, ...(this.#more.get(node) ?? [])]
  }

  #placeOf(node: number, peer: number): number {
    let place = node * STRIDE + 2 * hashed(peer)
    for (let held = this.#table[place] ?? 0; held !== EMPTY; held = this.#table[place] ?? 0) {
      if (held === peer + 1) {
        return place
      }
      place = next(place, node)
    }
    return -1
  }

  /** Places of peers that are gone can be used again. */
  #clean(node: number): void {
    const ends = this.of(node)
    this.#table.fill(EMPTY, node * STRIDE, (node + 1) * STRIDE)
    this.#used[node] = 0
    this.#more.delete(node)
    if (ends.length < MOST) {
      for (const [peer, link] of ends) {
        this.set(node, peer, link)
      }
      return
    }
    // full, and not of the gone: half of it moves to the map, so that this does not come again soon
    this.#more.set(node, new Map(ends.slice(MOST / 2)))
    for (const [peer, link] of ends.slice(0, MOST / 2)) {
      this.set(node, peer, link)
    }
  }
}

function hashed(peer: number): number {
  return (Math.imul(peer, 0x9e3779b1) >>> 26) & MASK
}

function next(place: number, node: number): number {
  const following = place + 2
  return following === (node + 1) * STRIDE ? node * STRIDE : following
}
