import type { PeerKey } from './effects.ts'

const OPEN = 0
const ASKED = 1
const HERE = 2

/** One leaf that is being fetched, block by block; each block is asked of one peer at a time. */
export class LeafProgress {
  readonly leaf: number
  /** Who sent the blocks that are here. */
  readonly senders = new Set<PeerKey>()
  readonly #state: Uint8Array
  readonly #askedOf: Array<PeerKey | undefined>
  /** Who was asked for a block before another peer took it over: it may have left already. */
  readonly #formerly: Array<PeerKey | undefined> = []
  #open: number
  #here = 0

  constructor(leaf: number, blocks: number) {
    this.leaf = leaf
    this.#state = new Uint8Array(blocks)
    this.#askedOf = new Array<PeerKey | undefined>(blocks).fill(undefined)
    this.#open = blocks
  }

  /** Blocks that are neither here nor asked of anybody. */
  get open(): number {
    return this.#open
  }

  get isWhole(): boolean {
    return this.#here === this.#state.length
  }

  /** Whether nothing of it is here or asked for. */
  get isUntouched(): boolean {
    return this.#open === this.#state.length
  }

  /** Whether every block that is not here is open. */
  get isIdle(): boolean {
    return this.#open + this.#here === this.#state.length
  }

  /** Who is asked for the block, if it is asked for and has not come. */
  askedOf(block: number): PeerKey | undefined {
    return this.#askedOf[block]
  }

  /** Whether the block is taken from the peer: it is asked for it, or was until another one took over. */
  takes(block: number, peer: PeerKey): boolean {
    return this.#state[block] === ASKED && (this.#askedOf[block] === peer || this.#formerly[block] === peer)
  }

  /** Blocks asked of the peer, ascending. */
  blocksOf(peer: PeerKey): number[] {
    const blocks: number[] = []
    for (let block = 0; block < this.#state.length; block++) {
      if (this.#askedOf[block] === peer) {
        blocks.push(block)
      }
    }
    return blocks
  }

  openBlocks(): number[] {
    const blocks: number[] = []
    for (let block = 0; block < this.#state.length; block++) {
      if (this.#state[block] === OPEN) {
        blocks.push(block)
      }
    }
    return blocks
  }

  /** The block, which is open, is asked of the peer. */
  ask(block: number, peer: PeerKey): void {
    this.#state[block] = ASKED
    this.#askedOf[block] = peer
    this.#open--
  }

  /** The block, which was asked of somebody, is open again. */
  free(block: number): void {
    this.#state[block] = OPEN
    this.#askedOf[block] = undefined
    this.#open++
  }

  /** The block, which was asked of somebody, is asked of the peer instead. */
  reassign(block: number, peer: PeerKey): void {
    this.#formerly[block] = this.#askedOf[block]
    this.#askedOf[block] = peer
  }

  /** The block came. */
  arrived(block: number, peer: PeerKey): void {
    this.#state[block] = HERE
    this.#askedOf[block] = undefined
    this.#here++
    this.senders.add(peer)
  }
}
