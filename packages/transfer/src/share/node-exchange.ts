import { createHash } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { base58btc } from 'multiformats/bases/base58'
import { UnsupportedDagError } from '../errors.ts'
import type { NodeStore } from '../store/node-store.ts'
import type { Session } from '../session/session.ts'

/** CIDs asked for at once: a quarter of what a peer accepts, so that several peers share a level of the DAG. */
const BATCH_CIDS = 64

/** GET_NODES outstanding with one peer. */
const MAX_BATCHES = 4

/** A batch with no node for this long goes to another peer. */
export const NODES_TIMEOUT_MS = 10_000

/** A peer that did not have a node, or timed out, is asked again after this long. */
const NODES_RETRY_MS = 1000

/** Inner nodes of one share: every entry and every 1,024 leaves need one; the rest is a hostile DAG. */
export const MAX_NODES = 2_000_000

/** Bytes of all inner nodes together. The default profile needs 60 MiB for a tebibyte. */
export const MAX_MAP_BYTES = 4 * 1024 * 1024 * 1024

/** Blocks with a wrong hash after which a peer is dropped. */
const MAX_WRONG_NODES = 3

export interface NodeExchangeInit {
  readonly nodes: NodeStore
  /** Children of a verified node that must be fetched too; throws for a node that cannot be. */
  needed(cid: CID, block: Uint8Array): CID[]
  now(): number
  /** A node was verified and stored. */
  stored(): void
  /** The peer sent `MAX_WRONG_NODES` blocks that do not hash to their CID. */
  drop(peer: string): void
}

interface Batch {
  readonly peer: string
  readonly cids: readonly CID[]
  readonly open: Set<number>
  touchedAt: number
}

interface Source {
  readonly session: Session
  batches: number
  wrong: number
  notBefore: number
}

/**
 * Fetches the inner nodes of a share from whoever knows its map, level by level, several peers at once
 * (SPEC.md#map-phase). Every node is verified before its children are asked for.
 */
export class NodeExchange {
  readonly #init: NodeExchangeInit
  readonly #sources = new Map<string, Source>()
  readonly #queue: CID[] = []
  readonly #seen = new Set<string>()
  readonly #batches = new Map<number, Batch>()
  readonly #done = Promise.withResolvers<undefined>()
  /** Asking peers starts when the store's own nodes were followed. */
  #resumed = false
  #nextId = 1
  #storing = 0
  #bytes = 0

  constructor(root: CID, init: NodeExchangeInit) {
    this.#init = init
    this.#done.promise.catch(() => undefined)
    this.#want(root)
  }

  /** Bytes of nodes received and verified. */
  get bytes(): number {
    return this.#bytes
  }

  /** Resolves when every node is in the store; rejects when the DAG is not one we can use. */
  get done(): Promise<undefined> {
    return this.#done.promise
  }

  /** Follow what the store already has, then ask peers for the rest. */
  async resume(): Promise<void> {
    const missing: CID[] = []
    for (let cid = this.#queue.pop(); cid !== undefined; cid = this.#queue.pop()) {
      const block = await this.#init.nodes.get(cid)
      if (block === undefined) {
        missing.push(cid)
      } else {
        this.#expand(cid, block)
      }
    }
    for (const cid of missing) {
      this.#queue.push(cid)
    }
    this.#resumed = true
    this.pump()
    this.#finishIfDone()
  }

  /** The peer said it knows the map. */
  addSource(session: Session): void {
    if (!this.#sources.has(session.key)) {
      this.#sources.set(session.key, { session, batches: 0, wrong: 0, notBefore: 0 })
      this.pump()
    }
  }

  removeSource(peer: string): void {
    this.#sources.delete(peer)
    for (const [id, batch] of this.#batches) {
      if (batch.peer === peer) {
        this.#giveUp(id, batch)
      }
    }
    this.pump()
  }

  expects(peer: string, id: number, ordinal: number): boolean {
    const batch = this.#batches.get(id)
    return batch?.peer === peer && batch.open.has(ordinal)
  }

  onNode(peer: string, id: number, ordinal: number, block: Uint8Array): void {
    const batch = this.#batches.get(id)
    const cid = batch?.cids[ordinal]
    if (batch?.peer !== peer || cid === undefined || !batch.open.delete(ordinal)) {
      return
    }
    batch.touchedAt = this.#init.now()
    if (!matches(cid, block)) {
      this.#queue.push(cid)
      this.#onWrong(peer)
    } else {
      this.#store(cid, block)
    }
    this.#settle(id, batch)
  }

  /** The peer lacks what is still open of this batch. */
  onReject(peer: string, id: number): void {
    const batch = this.#batches.get(id)
    if (batch?.peer === peer) {
      this.#giveUp(id, batch)
    }
  }

  tick(): void {
    for (const [id, batch] of this.#batches) {
      if (this.#init.now() - batch.touchedAt >= NODES_TIMEOUT_MS) {
        this.#giveUp(id, batch)
      }
    }
    this.pump()
  }

  pump(): void {
    if (!this.#resumed) {
      return
    }
    const now = this.#init.now()
    for (const [peer, source] of this.#sources) {
      while (this.#queue.length > 0 && source.batches < MAX_BATCHES && now >= source.notBefore) {
        const cids = this.#queue.splice(0, BATCH_CIDS)
        const id = this.#nextId++
        this.#batches.set(id, { peer, cids, open: new Set(cids.keys()), touchedAt: now })
        source.batches++
        source.session.send({ type: 'get-nodes', id, cids })
      }
    }
  }

  #store(cid: CID, block: Uint8Array): void {
    this.#bytes += block.byteLength
    if (this.#bytes > MAX_MAP_BYTES) {
      this.#fail(new UnsupportedDagError(`the map is larger than ${MAX_MAP_BYTES} bytes`))
      return
    }
    this.#storing++
    this.#init.nodes
      .put(cid, block)
      .then(() => {
        this.#storing--
        this.#init.stored()
        this.#expand(cid, block)
        this.pump()
        this.#finishIfDone()
      })
      .catch((error: unknown) => {
        this.#fail(error)
      })
  }

  #expand(cid: CID, block: Uint8Array): void {
    try {
      for (const child of this.#init.needed(cid, block)) {
        this.#want(child)
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  #want(cid: CID): void {
    const key = base58btc.baseEncode(cid.multihash.bytes)
    if (this.#seen.has(key)) {
      return
    }
    if (this.#seen.size >= MAX_NODES) {
      this.#fail(new UnsupportedDagError(`the map has more than ${MAX_NODES} nodes`))
      return
    }
    this.#seen.add(key)
    this.#queue.push(cid)
  }

  #onWrong(peer: string): void {
    const source = this.#sources.get(peer)
    if (source === undefined) {
      return
    }
    source.wrong++
    source.notBefore = this.#init.now() + NODES_RETRY_MS
    if (source.wrong >= MAX_WRONG_NODES) {
      this.#init.drop(peer)
    }
  }

  #giveUp(id: number, batch: Batch): void {
    for (const ordinal of batch.open) {
      const cid = batch.cids[ordinal]
      if (cid !== undefined) {
        this.#queue.push(cid)
      }
    }
    batch.open.clear()
    const source = this.#sources.get(batch.peer)
    if (source !== undefined) {
      source.notBefore = this.#init.now() + NODES_RETRY_MS
    }
    this.#settle(id, batch)
  }

  #settle(id: number, batch: Batch): void {
    if (batch.open.size === 0 && this.#batches.delete(id)) {
      const source = this.#sources.get(batch.peer)
      if (source !== undefined) {
        source.batches--
      }
      this.pump()
    }
    this.#finishIfDone()
  }

  #finishIfDone(): void {
    if (this.#resumed && this.#queue.length === 0 && this.#batches.size === 0 && this.#storing === 0) {
      this.#done.resolve(undefined)
    }
  }

  #fail(error: unknown): void {
    this.#queue.splice(0)
    this.#done.reject(error)
  }
}

function matches(cid: CID, block: Uint8Array): boolean {
  const digest = createHash('sha256').update(block).digest()
  return Buffer.compare(digest, cid.multihash.digest) === 0
}
