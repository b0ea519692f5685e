import { MAX_DEADLINE_LEAVES } from '../swarm/deadlines.ts'

/** Bytes that are fetched for one reader before it asks for them: what a fast link brings while a player looks away. */
export const MAX_READ_AHEAD_BYTES = 32 * 1024 * 1024

/** The window moves when this part of it was read: each move is a message to every peer. */
const MOVE_PART = 1 / 4

export interface ReadAheadInit {
  /** The leaf behind the last that is read. */
  readonly endLeaf: number
  leafBytes(leaf: number): number
}

/**
 * Which leaves are fetched for a reader: the next ones, as many as have `MAX_READ_AHEAD_BYTES`, one always. It moves with
 * the reader, so one that is slow holds no more than that. Pure.
 */
export class ReadAhead {
  readonly #init: ReadAheadInit
  /** Behind the window. */
  #end = 0

  constructor(init: ReadAheadInit) {
    this.#init = init
  }

  /** The reader is at this leaf. Returns the window when it has moved, the leaf itself first. */
  at(leaf: number): readonly number[] | undefined {
    const left = this.#bytes(leaf, this.#end)
    const isEnough = this.#end === this.#init.endLeaf || left > MAX_READ_AHEAD_BYTES * (1 - MOVE_PART)
    if (leaf < this.#end && isEnough) {
      return undefined
    }
    const window: number[] = []
    let bytes = 0
    for (let next = leaf; next < this.#init.endLeaf && window.length < MAX_DEADLINE_LEAVES; next++) {
      bytes += this.#init.leafBytes(next)
      if (bytes > MAX_READ_AHEAD_BYTES && window.length > 0) {
        break
      }
      window.push(next)
    }
    const end = leaf + window.length
    if (leaf < this.#end && end === this.#end) {
      return undefined
    }
    this.#end = end
    return window
  }

  #bytes(from: number, to: number): number {
    let bytes = 0
    for (let leaf = from; leaf < to; leaf++) {
      bytes += this.#init.leafBytes(leaf)
    }
    return bytes
  }
}
