import { DeadlineError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import { BLOCK_BYTES } from '../constants.ts'
import { SourceChangedError } from '../errors.ts'
import { mayPass } from '../store/patience.ts'
import type { Limiter } from '../rate/limiter.ts'
import type { RatePath } from '../rate/rate-tree.ts'
import type { SendFrameOptions } from '../session/data-out.ts'
import type { Session } from '../session/session.ts'
import type { Upload } from '../swarm/upload-queue.ts'
import type { Run } from '../wire/codec.ts'
import { FRAME_HEADER_BYTES } from '../wire/frame.ts'
import type { FrameHeader } from '../wire/frame.ts'
import { MAX_NODE_CIDS } from '../wire/limits.ts'
import { LanePace } from './lane-pace.ts'
import { LeafReads } from './leaf-reads.ts'
import type { FrameBytes, LeafSource } from './leaf-reads.ts'
import type { ReadPool } from './read-pool.ts'

/** GET_NODES messages one peer may have unanswered, and so CIDs waiting: 8 times `MAX_NODE_CIDS`. */
export const MAX_NODE_REQUESTS = 8

/** Under a cap frames are this long at most: what is decided late can still be changed. */
const CAPPED_FRAME_BLOCKS = 8

/** Of a burst, as much as one frame may be: the rest makes up for timers that are late. */
const FRAME_OF_BURST = 2 / 3

/** A peer that takes longer for a frame loses its session, if others wait for the memory of it. */
export const HOARD_MS = 10_000

/**
 * Under a cap, the next frame is chosen when the lane has taken the one before, or after this time. It is short beside a
 * burst, so that nothing of the cap is lost.
 */
const LANE_GRACE_MS = 5

/** A lane that has been full, or at work on one frame, for longer is behind. */
const BEHIND_MS = 60

/** While a frame goes out the next is read, and as many small ones as make up this. */
const AHEAD_BYTES = 256 * 1024

/** Frames of one peer that are chosen and not out, however small they are. */
const AHEAD_FRAMES = 16

/** What the uplink needs of a session. */
export type UplinkSession = Pick<Session, 'key' | 'isOpen' | 'canTake' | 'ready' | 'send' | 'sendFrame' | 'fail'>

/** Says who is sent what next. */
export interface UplinkOrder {
  /** Something to send to a peer that `canTake`, of `maxBlocks` at most; handed out once. */
  next(canTake: (peer: string) => boolean, maxBlocks: (peer: string) => number): Upload | undefined
  /** Bytes of what was handed out are with the lane, in the order in which it was handed out. */
  sent(peer: string, bytes: number): void
  /** What was handed out could not be read: the peer is to be told. */
  unsent(peer: string, run: Run): void
}

export interface UplinkSource extends LeafSource {
  /** An inner node, or the block of a leaf that cannot be rebuilt. */
  node(cid: CID): Promise<Uint8Array | undefined>
  /** The file is not what was shared. Other failures of a read may pass: those runs are refused, no more. */
  failed(error: Error): void
}

export interface UplinkInit {
  /** Root CID as text: whose caps hold. */
  readonly share: string
  readonly order: UplinkOrder
  readonly source: UplinkSource
  readonly pool: ReadPool
  readonly limiter: Limiter
}

interface NodesJob {
  readonly id: number
  readonly cids: readonly CID[]
}

/** One peer that leaves and nodes are sent to. */
interface Feed {
  readonly session: UplinkSession
  readonly path: RatePath
  readonly left: AbortController
  readonly pace: LanePace
  readonly nodes: NodesJob[]
  /** Frames of leaves that were chosen and are not out yet. */
  frames: number
  /** Their bytes. */
  bytes: number
  /** Resolves when everything before is out: a lane takes one frame at a time. */
  turn: Promise<void>
  /** When the frame on the lane was put there. */
  since: number | undefined
  /** Since when its lane takes nothing, if that was looked at. */
  awaitedSince: number | undefined
}

/**
 * Sends the leaves and nodes of one share to its peers: nodes first, then what `order` says. It decides as late as it can
 * without leaving a lane idle, and a peer that does not take what it asked for holds nobody else.
 */
export class Uplink {
  readonly #init: UplinkInit
  readonly #feeds = new Map<string, Feed>()
  readonly #closed = new AbortController()
  readonly #reads: LeafReads
  #endPressure: (() => void) | undefined
  /** Frames that were chosen and wait for their turn under a cap that is over all peers of the share. */
  #gated = 0

  constructor(init: UplinkInit) {
    this.#init = init
    this.#reads = new LeafReads(init.source, init.pool, this.#closed.signal)
  }

  join(session: UplinkSession): void {
    this.#feeds.set(session.key, {
      session,
      path: { share: this.#init.share, peer: session.key },
      left: new AbortController(),
      pace: new LanePace(),
      nodes: [],
      frames: 0,
      bytes: 0,
      turn: Promise.resolve(),
      since: undefined,
      awaitedSince: undefined
    })
    this.#endPressure ??= this.#init.pool.onPressure(() => {
      this.#failHoarders()
    })
  }

  /** Whether the peer has not taken what is on its lane for a while: to promise it more would be too early. */
  isBehind(peer: string): boolean {
    const feed = this.#feeds.get(peer)
    const since = feed?.since ?? feed?.awaitedSince
    return since !== undefined && performance.now() - since > BEHIND_MS
  }

  /** Nothing more is sent to this peer. */
  leave(peer: string): void {
    this.#feeds.get(peer)?.left.abort()
    this.#feeds.delete(peer)
    if (this.#feeds.size === 0) {
      this.#endPressure?.()
      this.#endPressure = undefined
    }
  }

  close(): void {
    this.#closed.abort()
    for (const peer of [...this.#feeds.keys()]) {
      this.leave(peer)
    }
  }

  /** Answer a GET_NODES, before any leaf. */
  requestNodes(peer: string, id: number, cids: readonly CID[]): void {
    const feed = this.#feeds.get(peer)
    if (feed === undefined) {
      return
    }
    if (feed.nodes.length >= MAX_NODE_REQUESTS || cids.length > MAX_NODE_CIDS) {
      feed.session.send({ type: 'reject', reason: 'busy', runs: [], nodes: id })
      return
    }
    const job = { id, cids }
    feed.nodes.push(job)
    this.#after(feed, async () => {
      try {
        await this.#sendNodes(feed, job)
      } finally {
        feed.nodes.shift()
        this.wake()
      }
    })
  }

  /** There may be something to send: `order` was given requests, or somebody can take more. */
  wake(): void {
    const { order } = this.#init
    const next = (): Upload | undefined =>
      order.next(
        (peer) => this.#canTake(peer),
        (peer) => this.#blocks(peer)
      )
    for (let upload = next(); upload !== undefined; upload = next()) {
      const feed = this.#feeds.get(upload.peer)
      if (feed !== undefined) {
        this.#send(feed, upload.run)
      }
    }
  }

  #canTake(peer: string): boolean {
    const feed = this.#feeds.get(peer)
    if (feed === undefined || feed.nodes.length > 0 || this.#reads.isWaiting || this.#isGated(feed)) {
      return false
    }
    if (feed.frames > 0) {
      const hasRoom = feed.frames === 1 || (feed.frames < AHEAD_FRAMES && feed.bytes < AHEAD_BYTES)
      // under a cap, and for a slow lane, it would only be chosen too early
      return hasRoom && !feed.pace.isSlow && !this.#init.limiter.up.isLimited(feed.path)
    }
    if (!feed.session.canTake) {
      this.#awaitLane(feed)
      return false
    }
    return true
  }

  /** Under a cap over all, one frame is chosen at a time, when the one before has gone. */
  #isGated({ path }: Feed): boolean {
    const { up } = this.#init.limiter
    return this.#gated > 0 && up.isLimited(path) && !up.isPeerLimited(path.peer)
  }

  #blocks(peer: string): number {
    const feed = this.#feeds.get(peer)
    if (feed === undefined) {
      return 1
    }
    return Math.min(feed.pace.blocks, this.#cappedBlocks(feed.path))
  }

  /** Less than a burst: while it is sent, the next one is saved up. */
  #cappedBlocks(path: RatePath): number {
    const { up } = this.#init.limiter
    const blocks = Math.floor((up.burstBytes(path) * FRAME_OF_BURST) / BLOCK_BYTES)
    return up.isLimited(path) ? Math.min(CAPPED_FRAME_BLOCKS, Math.max(1, blocks)) : Infinity
  }

  #awaitLane(feed: Feed): void {
    if (feed.awaitedSince !== undefined || !feed.session.isOpen) {
      return
    }
    feed.awaitedSince = performance.now()
    void feed.session.ready().then(() => {
      feed.awaitedSince = undefined
      this.wake()
    })
  }

  #send(feed: Feed, run: Run): void {
    const { source, limiter } = this.#init
    const start = run.first * BLOCK_BYTES
    const bytes = Math.min(source.leafBytes(run.leaf) - start, run.count * BLOCK_BYTES)
    const isPeerLimited = limiter.up.isPeerLimited(feed.path.peer)
    const gate = limiter.up.isLimited(feed.path) && !isPeerLimited ? this.#closeGate() : undefined
    // who may wait for long must not keep a whole leaf from others
    const isSmall = feed.pace.isSlow || isPeerLimited
    const reading = isSmall ? this.#reads.part(run.leaf, start, bytes) : this.#reads.shared(run.leaf, start, bytes)
    if (this.#reads.isWaiting) {
      void reading.then(() => {
        this.wake()
      })
    }
    feed.frames++
    feed.bytes += bytes
    this.#after(feed, async () => {
      try {
        const frame = await reading
        if (frame instanceof Error) {
          this.#refuse(feed, run, frame)
        } else {
          await this.#put(feed, run, frame, gate)
        }
      } finally {
        gate?.()
        feed.frames--
        feed.bytes -= bytes
        this.wake()
      }
    })
  }

  /** Send what was read, as one frame unless a cap was set meanwhile. Resolves when the lane takes more. */
  async #put(feed: Feed, { leaf, first }: Run, frame: FrameBytes, gate: (() => void) | undefined): Promise<void> {
    const { limiter } = this.#init
    let users = 1
    let isReusable = true
    const release = (reusable: boolean): void => {
      isReusable &&= reusable
      users--
      if (users === 0) {
        frame.release(isReusable)
      }
    }
    try {
      for (let at = 0; at < frame.bytes.byteLength;) {
        const body = frame.bytes.subarray(at, at + this.#cappedBlocks(feed.path) * BLOCK_BYTES)
        await limiter.send(feed.path, FRAME_HEADER_BYTES + body.byteLength, { signal: feed.left.signal })
        const isWhole = body.byteLength === frame.bytes.byteLength
        const header = { kind: 'data', leaf, firstBlock: first + at / BLOCK_BYTES, bytes: body.byteLength } as const
        users++
        await this.#sendFrame(feed, header, body, { headRoom: frame.headRoom && isWhole, release }, gate)
        at += body.byteLength
      }
      frame.taken()
    } catch (error) {
      if (!feed.left.signal.aborted) {
        throw error
      }
    } finally {
      release(true)
    }
  }

  async #sendFrame(
    feed: Feed,
    header: FrameHeader,
    body: Uint8Array,
    how: Pick<SendFrameOptions, 'headRoom' | 'release'>,
    gate: (() => void) | undefined
  ): Promise<void> {
    const { order } = this.#init
    const { peer } = feed.path
    let left = header.bytes
    const onSlice = (sent: number): void => {
      left -= sent
      order.sent(peer, sent)
    }
    const began = performance.now()
    feed.since = began
    // a lane that takes it soon goes on with the same request; one that does not holds nobody else
    const timer =
      gate &&
      setTimeout(() => {
        gate()
        this.wake()
      }, LANE_GRACE_MS)
    await feed.session.sendFrame(header, body, { ...how, onSlice })
    clearTimeout(timer)
    feed.since = undefined
    feed.pace.took(header.bytes, performance.now() - began)
    if (left > 0 && !feed.left.signal.aborted) {
      order.sent(peer, left) // dropped with a channel that was lost: the peer asks for it again
    }
  }

  /** Nothing more is chosen under the caps over all until what this returns is called. */
  #closeGate(): () => void {
    let gated = 1
    this.#gated += gated
    return () => {
      this.#gated -= gated
      gated = 0
    }
  }

  #refuse({ path, left }: Feed, run: Run, error: Error): void {
    if (left.signal.aborted) {
      return // nobody is there to be told, and a share that was closed is no fault of the file
    }
    this.#init.order.unsent(path.peer, run)
    if (error instanceof SourceChangedError || mayPass(error)) {
      this.#init.source.failed(error)
    }
  }

  async #sendNodes(feed: Feed, { id, cids }: NodesJob): Promise<void> {
    const { session, path, left } = feed
    let missing = false
    for (const [ordinal, cid] of cids.entries()) {
      const block = left.signal.aborted ? undefined : await this.#init.source.node(cid)
      if (block === undefined) {
        missing = true
        continue
      }
      const header = { kind: 'node', request: id, ordinal, bytes: block.byteLength } as const
      await this.#init.limiter.send(path, FRAME_HEADER_BYTES + block.byteLength, { signal: left.signal })
      await session.sendFrame(header, block, { release: () => undefined })
    }
    if (missing) {
      session.send({ type: 'reject', reason: 'not-held', runs: [], nodes: id })
    }
  }

  /** One thing after the other goes to one peer. What fails in an unforeseen way ends its session. */
  #after(feed: Feed, job: () => Promise<void>): void {
    feed.turn = feed.turn.then(job).catch((error: unknown) => {
      feed.session.fail(asError(error))
    })
  }

  /** Others wait for memory: let go of those who do not take what was read for them. */
  #failHoarders(): void {
    const now = performance.now()
    for (const { session, since } of this.#feeds.values()) {
      if (since !== undefined && now - since > HOARD_MS) {
        session.fail(new DeadlineError('taking one frame', HOARD_MS))
      }
    }
  }
}
