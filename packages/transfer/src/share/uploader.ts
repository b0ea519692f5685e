import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import { BLOCK_BYTES } from '../constants.ts'
import { SourceChangedError } from '../errors.ts'
import type { Session } from '../session/session.ts'
import { UploadQueue } from '../swarm/upload-queue.ts'
import type { Run } from '../wire/codec.ts'
import { MAX_NODE_CIDS } from '../wire/limits.ts'

/** GET_NODES messages one peer may have unanswered, and so CIDs waiting: 8 times `MAX_NODE_CIDS`. */
export const MAX_NODE_REQUESTS = 8

export interface UploadSource {
  leafBytes(leaf: number): number
  has(leaf: number): boolean
  /** Bytes of a leaf, read into `into`. */
  read(leaf: number, into: Uint8Array): Promise<Uint8Array>
  /** An inner node, or the block of a leaf that cannot be rebuilt. */
  node(cid: CID): Promise<Uint8Array | undefined>
  /** Bytes of leaves that were put on the lane, slice by slice. */
  sent(bytes: number): void
  /** The file is not what was shared. Other failures of a read may pass: those runs are refused, no more. */
  failed(error: Error): void
}

interface NodesJob {
  readonly id: number
  readonly cids: readonly CID[]
}

interface Reading {
  readonly run: Run
  readonly buffer: Uint8Array<ArrayBuffer>
  readonly bytes: Promise<Uint8Array | Error>
}

/** Sends what one peer asked for: nodes first, then leaves in order, reading one leaf ahead. */
export class Uploader {
  readonly #session: Session
  readonly #source: UploadSource
  readonly #queue = new UploadQueue()
  readonly #nodes: NodesJob[] = []
  #running = false

  constructor(session: Session, source: UploadSource) {
    this.#session = session
    this.#source = source
  }

  request(runs: readonly Run[]): void {
    const held = runs.filter((run) => this.#isServable(run))
    this.#refuse(
      'not-held',
      runs.filter((run) => !held.includes(run))
    )
    this.#refuse('busy', this.#queue.add(held))
    this.#wake()
  }

  requestNodes(id: number, cids: readonly CID[]): void {
    if (this.#nodes.length >= MAX_NODE_REQUESTS || cids.length > MAX_NODE_CIDS) {
      this.#session.send({ type: 'reject', reason: 'busy', runs: [], nodes: id })
      return
    }
    this.#nodes.push({ id, cids })
    this.#wake()
  }

  cancel(runs: readonly Run[]): void {
    this.#queue.cancel(runs)
  }

  #isServable(run: Run): boolean {
    return this.#source.has(run.leaf) && run.first * BLOCK_BYTES < this.#source.leafBytes(run.leaf)
  }

  #refuse(reason: 'not-held' | 'busy', runs: readonly Run[]): void {
    if (runs.length > 0) {
      this.#session.send({ type: 'reject', reason, runs, nodes: 0 })
    }
  }

  #wake(): void {
    if (!this.#running) {
      this.#running = true
      this.#pump().catch((error: unknown) => {
        this.#running = false
        this.#session.fail(asError(error))
      })
    }
  }

  async #pump(): Promise<void> {
    let ahead: Reading | undefined
    while (this.#session.isOpen) {
      const nodes = this.#nodes[0]
      if (nodes !== undefined) {
        await this.#sendNodes(nodes)
        this.#nodes.shift()
        continue
      }
      const current = ahead ?? this.#begin()
      ahead = undefined
      if (current === undefined) {
        break
      }
      const bytes = await current.bytes
      ahead = this.#begin()
      await this.#sendLeaf(current, bytes)
    }
    // in the same turn in which the queue was seen empty: a request that comes next finds nobody running
    this.#running = false
  }

  #begin(): Reading | undefined {
    const run = this.#queue.next()
    if (run === undefined) {
      return undefined
    }
    const buffer = this.#session.window.borrow(this.#source.leafBytes(run.leaf))
    const bytes = this.#source.read(run.leaf, buffer).catch((error: unknown) => {
      return asError(error)
    })
    return { run, buffer, bytes }
  }

  async #sendLeaf({ run, buffer }: Reading, bytes: Uint8Array | Error): Promise<void> {
    if (bytes instanceof Error) {
      this.#session.window.giveBack(buffer)
      this.#refuse('not-held', [run])
      if (bytes instanceof SourceChangedError) {
        this.#source.failed(bytes)
      }
      return
    }
    const body = bytes.subarray(run.first * BLOCK_BYTES, (run.first + run.count) * BLOCK_BYTES)
    await this.#session.window.room(this.#session.closed)
    const header = { kind: 'data', leaf: run.leaf, firstBlock: run.first, bytes: body.byteLength } as const
    await this.#session.sendFrame(header, body, (bytes) => {
      this.#source.sent(bytes)
    })
    this.#session.window.lend(buffer)
  }

  async #sendNodes({ id, cids }: NodesJob): Promise<void> {
    let missing = false
    for (const [ordinal, cid] of cids.entries()) {
      const block = await this.#source.node(cid)
      if (block === undefined) {
        missing = true
        continue
      }
      await this.#session.window.room(this.#session.closed)
      await this.#session.sendFrame({ kind: 'node', request: id, ordinal, bytes: block.byteLength }, block)
    }
    if (missing) {
      this.#session.send({ type: 'reject', reason: 'not-held', runs: [], nodes: id })
    }
  }
}
