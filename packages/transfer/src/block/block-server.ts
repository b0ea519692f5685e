import type { Connection, Logger, PeerId, Stream } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import { streamLane } from '../session/lane.ts'
import type { Lane } from '../session/lane.ts'
import { Undelimiter } from '../wire/delimited.ts'
import { MAX_BLOCK_REQUESTS } from './block-link.ts'
import { decodeBlockRequest, encodeBlockAnswer, MAX_BLOCK_REQUEST_BYTES } from './wire/codec.ts'
import type { BlockRequest } from './wire/codec.ts'

/** Block streams of all peers together; the one that was quiet the longest makes room for a new one. */
export const MAX_BLOCK_STREAMS = 256

/** The same for one peer: one is enough for a peer that keeps to the protocol, and a lost one may linger. */
export const MAX_BLOCK_STREAMS_PER_PEER = 4

/** Blocks that are read from disk, or wait for a peer to take them, at once: 32 MiB of the largest. */
export const MAX_BLOCKS_IN_MEMORY = 16

/** Of those, for one peer: the others must find some. */
export const MAX_BLOCKS_IN_MEMORY_PER_PEER = 2

/** A stream with no request for this long is closed; askers close theirs sooner. */
export const STREAM_IDLE_MS = 60_000

/** A peer that does not take a block within this time loses its stream. */
const TAKE_TIMEOUT_MS = 10_000

/** What is sent at once: the least burst of a rate cap. */
const SLICE_BYTES = 64 * 1024

export interface BlockServerInit {
  /** A block that this node has and may give to this peer; `undefined`: it has not. */
  block(cid: CID, root: CID | undefined, signal: AbortSignal): Promise<Uint8Array | undefined>
  /** The same without waiting, for a peer that nothing caps; `undefined` says nothing about it. */
  blockNow?(cid: CID, root: CID | undefined, peer: PeerId): Uint8Array | undefined
  isBanned(peer: PeerId): boolean
  /** Wait until so many bytes may be sent to this peer. */
  paced?(peer: PeerId, root: CID, bytes: number, signal: AbortSignal): Promise<void>
  readonly shutdown: AbortSignal
  readonly log: Logger
}

interface Row {
  readonly peer: PeerId
  readonly key: string
  readonly lane: Lane
  readonly queue: BlockRequest[]
  readonly ended: AbortController
  idle: NodeJS.Timeout
  busy: boolean
}

/** Answers peers that want single blocks (SPEC.md#small-content). */
export class BlockServer {
  readonly #init: BlockServerInit
  /** In the order of their last request. */
  readonly #rows = new Set<Row>()
  readonly #waiting: Row[] = []
  #inMemory = 0

  constructor(init: BlockServerInit) {
    this.#init = init
    init.shutdown.addEventListener('abort', () => {
      for (const row of [...this.#rows]) {
        row.lane.abort(asError(init.shutdown.reason))
      }
    })
  }

  get streams(): number {
    return this.#rows.size
  }

  /** A libp2p stream handler. */
  readonly onStream = (stream: Stream, connection: Connection): void => {
    this.serve(streamLane(stream), connection.remotePeer)
  }

  /** Answer what a peer asks on a lane, until it ends. */
  serve(lane: Lane, peer: PeerId): void {
    const key = peer.toString()
    if (this.#init.shutdown.aborted) {
      lane.abort(asError(this.#init.shutdown.reason))
      return
    }
    this.#makeRoom(key)
    const ended = new AbortController()
    const row: Row = { peer, key, lane, queue: [], ended, idle: this.#idleTimer(lane), busy: false }
    this.#rows.add(row)
    void lane.closed.then(() => {
      clearTimeout(row.idle)
      this.#rows.delete(row)
      row.queue.length = 0
      const at = this.#waiting.indexOf(row)
      if (at >= 0) {
        this.#waiting.splice(at, 1)
      }
      ended.abort()
    })
    const requests = new Undelimiter(MAX_BLOCK_REQUEST_BYTES)
    lane.receive((chunk) => {
      try {
        this.#read(row, requests, chunk)
      } catch (error) {
        lane.abort(asError(error))
      }
    })
  }

  #idleTimer(lane: Lane): NodeJS.Timeout {
    return setTimeout(() => {
      lane.end()
    }, STREAM_IDLE_MS).unref()
  }

  /** The quietest stream of this peer, or of all, ends when there are as many as there may be. */
  #makeRoom(key: string): void {
    const all = [...this.#rows]
    const own = all.filter((row) => row.key === key)
    const rivals = own.length >= MAX_BLOCK_STREAMS_PER_PEER ? own : all.length >= MAX_BLOCK_STREAMS ? all : []
    const quietest = rivals.find(({ busy }) => !busy) ?? rivals[0]
    if (quietest !== undefined) {
      this.#rows.delete(quietest) // its end is told a moment later
      quietest.lane.abort(new InvalidMessageError('too many block streams'))
    }
  }

  #read(row: Row, requests: Undelimiter, chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength;) {
      const { message, next } = requests.take(chunk, at)
      at = next
      if (message !== undefined) {
        this.#take(row, decodeBlockRequest(message))
      }
    }
  }

  #take(row: Row, request: BlockRequest): void {
    row.idle.refresh()
    this.#rows.delete(row)
    this.#rows.add(row)
    if (this.#init.isBanned(row.peer)) {
      row.lane.send(encodeBlockAnswer({ id: request.id, refusal: 'banned' }))
      row.lane.end()
      return
    }
    if (row.queue.length >= MAX_BLOCK_REQUESTS) {
      // askers count: one that does not is not told so for ever
      throw new InvalidMessageError(`more than ${MAX_BLOCK_REQUESTS} block requests without an answer`)
    }
    if (!row.busy && row.queue.length === 0 && this.#answerNow(row, request)) {
      return
    }
    row.queue.push(request)
    this.#wake(row)
  }

  /**
   * Answer before anything else that the arrival of a request leads to: muxers acknowledge what they read, and that write
   * alone takes longer than a small block. Returns false when the block has to be waited for.
   */
  #answerNow(row: Row, { id, cid, root }: BlockRequest): boolean {
    const block = this.#isFull(row) ? undefined : this.#init.blockNow?.(cid, root, row.peer)
    if (block === undefined || block.byteLength > SLICE_BYTES) {
      return false
    }
    if (!row.lane.send(Buffer.concat([encodeBlockAnswer({ id, bytes: block.byteLength }), block]))) {
      this.#work(row, async () => this.#taken(row.lane))
    }
    return true
  }

  #wake(row: Row): void {
    if (row.busy) {
      return
    }
    if (this.#isFull(row)) {
      if (!this.#waiting.includes(row)) {
        this.#waiting.push(row)
      }
      return
    }
    this.#work(row, async () => this.#answer(row))
  }

  /** Hold a block of this row in memory until the work on it is done. */
  #work(row: Row, work: () => Promise<void>): void {
    row.busy = true
    this.#inMemory++
    work()
      .catch((error: unknown) => {
        row.lane.abort(asError(error))
      })
      .finally(() => {
        row.busy = false
        this.#inMemory--
        if (row.queue.length > 0) {
          this.#waiting.push(row)
        }
        this.#wakeNext()
      })
  }

  #isFull(row: Row): boolean {
    const ofPeer = [...this.#rows].filter(({ key, busy }) => busy && key === row.key).length
    return this.#inMemory >= MAX_BLOCKS_IN_MEMORY || ofPeer >= MAX_BLOCKS_IN_MEMORY_PER_PEER
  }

  /** Whoever waited longest and may go on. */
  #wakeNext(): void {
    const at = this.#waiting.findIndex((row) => !this.#isFull(row))
    const [row] = at < 0 ? [] : this.#waiting.splice(at, 1)
    if (row !== undefined && row.queue.length > 0) {
      this.#wake(row)
    }
  }

  /** Answer the first request that waits. */
  async #answer(row: Row): Promise<void> {
    const request = row.queue[0]
    if (request === undefined) {
      return
    }
    const { id, cid, root } = request
    const { signal } = row.ended
    const block = await this.#block(row, request)
    if (block === undefined) {
      row.queue.shift()
      row.lane.send(encodeBlockAnswer({ id, refusal: 'not-held' }))
      return
    }
    const header = encodeBlockAnswer({ id, bytes: block.byteLength })
    for (let at = 0; at === 0 || at < block.byteLength; at += SLICE_BYTES) {
      const slice = block.subarray(at, at + SLICE_BYTES)
      await this.#init.paced?.(row.peer, root ?? cid, slice.byteLength, signal)
      // copied behind the header: transports write each piece of a list by itself, which costs far more
      if (!row.lane.send(at === 0 ? Buffer.concat([header, slice]) : slice)) {
        await this.#taken(row.lane)
      }
    }
    row.queue.shift()
  }

  async #block({ ended }: Row, { cid, root }: BlockRequest): Promise<Uint8Array | undefined> {
    try {
      return await this.#init.block(cid, root, ended.signal)
    } catch (error) {
      this.#init.log('block %c cannot be served - %e', cid, error)
      return undefined
    }
  }

  /** The peer has read what it was sent. */
  async #taken(lane: Lane): Promise<void> {
    const late = setTimeout(() => {
      lane.abort(new DOMException('the peer does not take what it asked for', 'TimeoutError'))
    }, TAKE_TIMEOUT_MS)
    await lane.drained()
    clearTimeout(late)
  }
}
