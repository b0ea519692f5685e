/** Numbers of a node lie side by side. */
const STRIDE = 8
const UP = 0
const LIFE = 1
const STALLED_UNTIL = 2
const NET_UNTIL = 3
const WAKE_TICK = 4
const SIDE = 5

/** No wake-up is planned. */
export const NEVER = -1

/** What the network knows of each node. Times are in ticks. */
export class NodeTable {
  readonly size: number
  readonly #nodes: Int32Array

  constructor(size: number) {
    this.size = size
    this.#nodes = new Int32Array(size * STRIDE)
  }

  isUp(node: number): boolean {
    return this.#nodes[node * STRIDE + UP] === 1
  }

  /** Counts beginnings and ends: equal only as long as it lives. */
  life(node: number): number {
    return this.#nodes[node * STRIDE + LIFE] ?? 0
  }

  begin(node: number): void {
    const at = node * STRIDE
    this.#nodes[at + UP] = 1
    this.#nodes[at + LIFE] = this.life(node) + 1
    this.#nodes[at + STALLED_UNTIL] = 0
    this.#nodes[at + NET_UNTIL] = 0
    this.#nodes[at + WAKE_TICK] = NEVER
  }

  end(node: number): void {
    this.#nodes[node * STRIDE + UP] = 0
    this.#nodes[node * STRIDE + LIFE] = this.life(node) + 1
  }

  /** Its process does nothing until then. */
  stalledUntil(node: number): number {
    return this.#nodes[node * STRIDE + STALLED_UNTIL] ?? 0
  }

  stall(node: number, until: number): void {
    this.#nodes[node * STRIDE + STALLED_UNTIL] = until
  }

  /** Nothing goes in or out until then. */
  netUntil(node: number): number {
    return this.#nodes[node * STRIDE + NET_UNTIL] ?? 0
  }

  cutOff(node: number, until: number): void {
    this.#nodes[node * STRIDE + NET_UNTIL] = until
  }

  /** When it is to be woken. */
  wakeTick(node: number): number {
    return this.#nodes[node * STRIDE + WAKE_TICK] ?? 0
  }

  planWake(node: number, tick: number): void {
    this.#nodes[node * STRIDE + WAKE_TICK] = tick
  }

  /** Of a partition. */
  side(node: number): number {
    return this.#nodes[node * STRIDE + SIDE] ?? 0
  }

  setSide(node: number, side: number): void {
    this.#nodes[node * STRIDE + SIDE] = side
  }
}
