import { createHash } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { nodeKey } from '../store/node-key.ts'
import type { NodeStore } from '../store/node-store.ts'
import { FirstAsks } from './first-asks.ts'
import { NodeBatches } from './node-batches.ts'
import type { NodeBatch } from './node-batches.ts'
import { NodeIntake } from './node-intake.ts'
import type { Session } from '../session/session.ts'

/** CIDs asked for at once: a quarter of what a peer accepts, so that several peers share a level of the DAG. */
const BATCH_CIDS = 64

/** GET_NODES outstanding with one peer. */
const MAX_BATCHES = 4

/** A batch with no node for this long goes to another peer. */
export const NODES_TIMEOUT_MS = 10_000

/** A peer that did not have a node, or timed out, is asked again after this long. */
const NODES_RETRY_MS = 1000

/** Blocks with a wrong hash after which a peer is dropped. */
const MAX_WRONG_NODES = 3

/** A batch that is not done after this long is asked of another peer too, when one has nothing to do: peers may drip. */
export const NODES_SLOW_MS = 3000

/** The same of a batch of which nothing has come at all: who sends at all has mostly begun by then. */
export const NODES_SILENT_MS = 250

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

/** What a block that came was good for. */
type NodeOutcome = 'useful' | 'corrupt' | 'duplicate'

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
  readonly #intake: NodeIntake
  readonly #batches = new NodeBatches()
  readonly #first = new FirstAsks(NODES_TIMEOUT_MS)
  /** Nodes that several peers were asked for, by key; `true`: one of them sent it. */
  readonly #shared = new Map<string, boolean>()
  readonly #root: CID
  readonly #done = Promise.withResolvers<undefined>()
  /** Asking peers starts when the store's own nodes were followed. */
  #resumed = false
  #nextId = 1

  constructor(root: CID, init: NodeExchangeInit) {
    this.#init = init
    this.#root = root
    this.#done.promise.catch(() => undefined)
    this.#intake = new NodeIntake({
      nodes: init.nodes,
      needed: (cid, block) => init.needed(cid, block),
      wanted: (cid) => {
        this.#queue.push(cid)
      },
      stored: () => {
        init.stored()
        this.pump()
        this.#finishIfDone()
      },
      failed: (error) => {
        this.#fail(error)
      }
    })
    this.#intake.want(root)
  }

  /** Bytes of nodes received and verified. */
  get bytes(): number {
    return this.#intake.bytes
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
        this.#intake.expand(cid, block)
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
      this.#adoptFirst(session.key)
      this.pump()
    }
  }

  removeSource(peer: string): void {
    this.#sources.delete(peer)
    this.#first.removePeer(peer)
    for (const [id, batch] of this.#batches) {
      if (batch.peer === peer) {
        this.#giveUp(id, batch)
      }
    }
    this.pump()
  }

  /** A verified node that came another way; once `resume()` is done. Returns whether it was still wanted. */
  supply(cid: CID, block: Uint8Array): boolean {
    const isWanted = this.#isAskedFor(cid)
    if (isWanted) {
      this.#intake.store(cid, block)
      this.#unqueue(cid)
      this.#closeElsewhere(cid)
    }
    return isWanted
  }

  /**
   * The root, asked of a peer in the first flight of its session: a round trip is saved when it knows the map. It stays
   * in the queue all the same, for whoever says so first.
   */
  first(peer: string): { readonly type: 'get-nodes'; readonly id: number; readonly cids: readonly CID[] } | undefined {
    const now = this.#init.now()
    if (!this.#resumed || !this.#first.hasRoom(now) || !this.#queue.some((cid) => cid.equals(this.#root))) {
      return undefined
    }
    const id = this.#nextId++
    this.#first.add(peer, id, now)
    return { type: 'get-nodes', id, cids: [this.#root] }
  }

  expects(peer: string, id: number, ordinal: number): boolean {
    if (this.#first.has(peer, id)) {
      return ordinal === 0
    }
    const batch = this.#batches.get(id)
    return batch?.peer === peer && batch.open.has(ordinal)
  }

  /** Whether this node has sent a request with this id. */
  hasAsked(id: number): boolean {
    return id > 0 && id < this.#nextId
  }

  /** Returns what the block was good for. */
  onNode(peer: string, id: number, ordinal: number, block: Uint8Array): NodeOutcome {
    if (this.#first.take(peer, id)) {
      return this.#onFirst(peer, block)
    }
    const batch = this.#batches.get(id)
    const cid = batch?.cids[ordinal]
    if (batch?.peer !== peer || cid === undefined || !batch.open.delete(ordinal)) {
      return 'duplicate'
    }
    batch.touchedAt = this.#init.now()
    const outcome = this.#take(peer, cid, block)
    this.#settle(id, batch)
    return outcome
  }

  /** The peer lacks what is still open of this batch. */
  onReject(peer: string, id: number): void {
    this.#first.take(peer, id)
    const batch = this.#batches.get(id)
    if (batch?.peer === peer) {
      this.#giveUp(id, batch)
    }
  }

  tick(): void {
    const now = this.#init.now()
    for (const [id, batch] of this.#batches) {
      if (now - batch.touchedAt >= NODES_TIMEOUT_MS) {
        this.#giveUp(id, batch)
      } else if (now - batch.askedAt >= patienceFor(batch)) {
        this.#shareOut(batch, now)
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
        this.#expect(id, peer, source, cids)
        source.session.send({ type: 'get-nodes', id, cids })
      }
    }
  }

  /** What was asked in the first flight is a batch like others when the peer is a source. */
  #adoptFirst(peer: string): void {
    const id = this.#first.of(peer)
    const source = this.#sources.get(peer)
    if (id !== undefined && source !== undefined && this.#unqueue(this.#root)) {
      this.#first.take(peer, id)
      this.#expect(id, peer, source, [this.#root])
    }
  }

  #expect(id: number, peer: string, source: Source, cids: readonly CID[]): void {
    this.#batches.add(id, peer, cids, this.#init.now())
    source.batches++
  }

  /** Let an idle peer have what a slow one has not sent yet; whoever is first counts. */
  #shareOut(batch: NodeBatch, now: number): void {
    const hasIdle = [...this.#sources].some(
      ([peer, { batches, notBefore }]) => peer !== batch.peer && batches === 0 && now >= notBefore
    )
    if (batch.shared || this.#queue.length > 0 || !hasIdle) {
      return
    }
    batch.shared = true
    for (const ordinal of batch.open) {
      const cid = batch.cids[ordinal]
      if (cid !== undefined) {
        this.#shared.set(nodeKey(cid), false)
        this.#queue.push(cid)
      }
    }
    const slow = this.#sources.get(batch.peer)
    if (slow !== undefined) {
      slow.notBefore = now + NODES_RETRY_MS // not the one to take them
    }
  }

  /** Whether a node that came is the first of its kind; from here on it is. */
  #isFirst(cid: CID): boolean {
    const key = nodeKey(cid)
    const came = this.#shared.get(key)
    if (came === false) {
      this.#shared.set(key, true)
      this.#unqueue(cid)
      this.#closeElsewhere(cid)
    }
    return came !== true
  }

  /** Nobody else needs to send it: what still comes is dropped. */
  #closeElsewhere(cid: CID): void {
    for (const { id, batch, ordinal } of [...this.#batches.with(cid)]) {
      batch.open.delete(ordinal)
      this.#settle(id, batch)
    }
  }

  /** A node did not come from one peer; others may be at work on it. */
  #askAgain(cid: CID): void {
    const state = this.#shared.get(nodeKey(cid))
    if (state === undefined || (!state && !this.#isAskedFor(cid))) {
      this.#queue.push(cid)
    }
  }

  /** Whether a node is in the queue or expected of somebody. */
  #isAskedFor(cid: CID): boolean {
    return this.#queue.some((queued) => queued.equals(cid)) || this.#batches.with(cid).next().done !== true
  }

  #unqueue(cid: CID): boolean {
    const at = this.#queue.findIndex((queued) => queued.equals(cid))
    if (at >= 0) {
      this.#queue.splice(at, 1)
    }
    return at >= 0
  }

  #take(peer: string, cid: CID, block: Uint8Array): NodeOutcome {
    if (!matches(cid, block)) {
      this.#askAgain(cid)
      this.#onWrong(peer)
      return 'corrupt'
    }
    if (this.#isFirst(cid)) {
      this.#intake.store(cid, block)
      return 'useful'
    }
    return 'duplicate'
  }

  #onFirst(peer: string, block: Uint8Array): NodeOutcome {
    if (!matches(this.#root, block)) {
      this.#onWrong(peer)
      return 'corrupt'
    }
    return this.supply(this.#root, block) ? 'useful' : 'duplicate'
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

  #giveUp(id: number, batch: NodeBatch): void {
    const open = [...batch.open]
    batch.open.clear()
    for (const ordinal of open) {
      const cid = batch.cids[ordinal]
      if (cid !== undefined) {
        this.#askAgain(cid)
      }
    }
    const source = this.#sources.get(batch.peer)
    if (source !== undefined) {
      source.notBefore = this.#init.now() + NODES_RETRY_MS
    }
    this.#settle(id, batch)
  }

  #settle(id: number, batch: NodeBatch): void {
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
    if (this.#resumed && this.#queue.length === 0 && this.#batches.size === 0 && !this.#intake.isBusy) {
      this.#done.resolve(undefined)
    }
  }

  #fail(error: unknown): void {
    this.#queue.splice(0)
    this.#done.reject(error)
  }
}

function patienceFor({ open, cids }: NodeBatch): number {
  return open.size === cids.length ? NODES_SILENT_MS : NODES_SLOW_MS
}

function matches(cid: CID, block: Uint8Array): boolean {
  const digest = createHash('sha256').update(block).digest()
  return Buffer.compare(digest, cid.multihash.digest) === 0
}
