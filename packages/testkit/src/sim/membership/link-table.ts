import { LinkEnds } from './link-ends.ts'
import { grown } from './typed-arrays.ts'

/** Numbers of a link lie side by side: a message should touch memory in one place. */
const STRIDE = 8
const A = 0
const B = 1
const LIFE_A = 2
const FLAGS = 3
const ONE_WAY = 4
/** When the last message arrives at A and at B: a connection keeps its order. */
const LAST_AT_A = 5
const LAST_AT_B = 6

const A_OPEN = 1
const B_OPEN = 2
const A_WANTS = 4
const B_WANTS = 8

/** One way is kept in these parts of a millisecond. */
const PARTS = 1024

/**
 * The links of a simulation. A link has a number that is never used again, and two ends, each open or not: an end stays
 * open until its own node knows better, whatever happened to the other one.
 */
export class LinkTable {
  #links = new Int32Array(1024 * STRIDE)
  #count = 0
  readonly #ends: LinkEnds
  /** Being opened, by pair. */
  readonly #opening = new Map<number, number>()

  constructor(members: number) {
    this.#ends = new LinkEnds(members)
  }

  /** Open ends of a node: pairs of peer and link. */
  endsOf(node: number): [peer: number, link: number][] {
    return this.#ends.of(node)
  }

  /** The link whose end is open at `node`. */
  find(node: number, peer: number): number | undefined {
    return this.#ends.find(node, peer)
  }

  /** The link that is being opened between the two, whoever began. */
  opening(node: number, peer: number): number | undefined {
    return this.#opening.get(pairKey(node, peer))
  }

  /** Begin to open one, from `a` in its current life. */
  begin(a: number, b: number, lifeA: number, oneWayMs: number): number {
    const link = this.#count++
    if ((link + 1) * STRIDE > this.#links.length) {
      this.#links = grown(this.#links, this.#links.length * 2)
    }
    const at = link * STRIDE
    this.#links[at + A] = a
    this.#links[at + B] = b
    this.#links[at + LIFE_A] = lifeA
    this.#links[at + ONE_WAY] = Math.round(oneWayMs * PARTS)
    this.#opening.set(pairKey(a, b), link)
    return link
  }

  /** It is not being opened any more. */
  settle(link: number): void {
    const key = this.#keyOf(link)
    if (this.#opening.get(key) === link) {
      this.#opening.delete(key)
    }
  }

  isOpening(link: number): boolean {
    return this.#opening.get(this.#keyOf(link)) === link
  }

  openEnd(link: number, node: number): void {
    this.#set(link, this.#isA(link, node) ? A_OPEN : B_OPEN)
    this.#ends.set(node, this.other(link, node), link)
  }

  closeEnd(link: number, node: number): void {
    const at = link * STRIDE + FLAGS
    this.#links[at] = (this.#links[at] ?? 0) & ~(this.#isA(link, node) ? A_OPEN : B_OPEN)
    const peer = this.other(link, node)
    if (this.#ends.find(node, peer) === link) {
      this.#ends.delete(node, peer)
    }
  }

  isOpen(link: number, node: number): boolean {
    return this.#has(link, this.#isA(link, node) ? A_OPEN : B_OPEN)
  }

  /** The node asked for it, and did not only accept it. */
  want(link: number, node: number): void {
    this.#set(link, this.#isA(link, node) ? A_WANTS : B_WANTS)
  }

  isWanted(link: number, node: number): boolean {
    return this.#has(link, this.#isA(link, node) ? A_WANTS : B_WANTS)
  }

  other(link: number, node: number): number {
    const a = this.#links[link * STRIDE + A] ?? 0
    return a === node ? (this.#links[link * STRIDE + B] ?? 0) : a
  }

  opener(link: number): number {
    return this.#links[link * STRIDE + A] ?? 0
  }

  /** The life in which its opener began to open it. */
  openerLife(link: number): number {
    return this.#links[link * STRIDE + LIFE_A] ?? 0
  }

  oneWayMs(link: number): number {
    return (this.#links[link * STRIDE + ONE_WAY] ?? 0) / PARTS
  }

  /** When something that would arrive at `tick` does, behind what was sent before it. */
  arrival(link: number, to: number, tick: number): number {
    const at = link * STRIDE + (this.#isA(link, to) ? LAST_AT_A : LAST_AT_B)
    const arrives = Math.max(tick, this.#links[at] ?? 0)
    this.#links[at] = arrives
    return arrives
  }

  #isA(link: number, node: number): boolean {
    return this.#links[link * STRIDE + A] === node
  }

  #set(link: number, flag: number): void {
    const at = link * STRIDE + FLAGS
    this.#links[at] = (this.#links[at] ?? 0) | flag
  }

  #has(link: number, flag: number): boolean {
    return ((this.#links[link * STRIDE + FLAGS] ?? 0) & flag) !== 0
  }

  #keyOf(link: number): number {
    return pairKey(this.#links[link * STRIDE + A] ?? 0, this.#links[link * STRIDE + B] ?? 0)
  }
}

/** One number for a pair, whichever way round. */
export function pairKey(a: number, b: number): number {
  return a < b ? a * 2 ** 26 + b : b * 2 ** 26 + a
}
