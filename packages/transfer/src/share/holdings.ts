import { LeafNotFoundError } from '@p2pshare/interface'
import type { HaveSummary, ReadLeafOptions } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { Bitfield } from '../swarm/bitfield.ts'
import { heldIndex, heldLeaves, leafBlockOf } from './content.ts'
import type { Content } from './content.ts'
import { summarize } from './have-summary.ts'

/** What this node has of one share, and so can give. Nothing before the map is known. */
export class Holdings {
  readonly #node: (cid: CID) => Promise<Uint8Array | undefined>
  #content: Content | undefined
  /** Leaves that can be served, by every index; kept here since finding a held twin takes a scan. */
  #held = new Bitfield(0)

  /** `node`: an inner node this node has. */
  constructor(node: (cid: CID) => Promise<Uint8Array | undefined>) {
    this.#node = node
  }

  get content(): Content | undefined {
    return this.#content
  }

  /** Canonical leaves, as they are now. */
  get leaves(): Bitfield {
    return this.#held.copy()
  }

  get summary(): HaveSummary | undefined {
    const content = this.#content
    const leaves = content?.map.leafCount ?? 0
    return content && summarize(leaves, content.store.haveCount, (leaf) => this.has(leaf))
  }

  /** The map is known. Whoever has everything already wants nothing, and says so. */
  open(content: Content): void {
    this.#held = heldLeaves(content)
    this.#content = content
    if (content.missing.count === 0) {
      this.wantNothing()
    }
  }

  /** Nothing is given until it is opened again. */
  close(): void {
    this.#content = undefined
  }

  /** The leaf was stored, by its canonical index. */
  add(leaf: number): void {
    this.#held.set(leaf)
  }

  wantNothing(): void {
    this.want(new Bitfield(this.#content?.map.leafCount ?? 0))
  }

  /** What is wanted in all from now on, held leaves included. */
  want(wants: Bitfield): void {
    this.#content = this.#content && { ...this.#content, wants }
  }

  has(leaf: number): boolean {
    return this.#content !== undefined && this.#held.has(this.#content.map.canonical(leaf))
  }

  async read(leaf: number, options: ReadLeafOptions): Promise<Uint8Array> {
    const content = this.#content
    const held = content === undefined ? undefined : heldIndex(content, leaf)
    if (content === undefined || held === undefined) {
      throw new LeafNotFoundError(leaf)
    }
    return content.store.read(held, options)
  }

  async node(cid: CID): Promise<Uint8Array | undefined> {
    const block = await this.#node(cid)
    return block ?? (this.#content === undefined ? undefined : leafBlockOf(this.#content, cid))
  }
}
