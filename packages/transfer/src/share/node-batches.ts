import type { CID } from 'multiformats/cid'

/** One GET_NODES that a peer has not answered yet. */
export interface NodeBatch {
  readonly peer: string
  readonly cids: readonly CID[]
  /** Places of the nodes that have not come. */
  readonly open: Set<number>
  readonly askedAt: number
  touchedAt: number
  /** What is open is asked of others too. */
  shared: boolean
}

/** What peers were asked for in the map phase, by GET_NODES id. */
export class NodeBatches implements Iterable<readonly [id: number, batch: NodeBatch]> {
  readonly #batches = new Map<number, NodeBatch>()

  get size(): number {
    return this.#batches.size
  }

  get(id: number): NodeBatch | undefined {
    return this.#batches.get(id)
  }

  add(id: number, peer: string, cids: readonly CID[], now: number): void {
    this.#batches.set(id, { peer, cids, open: new Set(cids.keys()), askedAt: now, touchedAt: now, shared: false })
  }

  delete(id: number): boolean {
    return this.#batches.delete(id)
  }

  /** Those of which a node has not come. */
  *with(cid: CID): Generator<{ readonly id: number; readonly batch: NodeBatch; readonly ordinal: number }> {
    for (const [id, batch] of this.#batches) {
      for (const ordinal of batch.open) {
        if (batch.cids[ordinal]?.equals(cid) === true) {
          yield { id, batch, ordinal }
        }
      }
    }
  }

  [Symbol.iterator](): IterableIterator<readonly [id: number, batch: NodeBatch]> {
    return this.#batches.entries()
  }
}
