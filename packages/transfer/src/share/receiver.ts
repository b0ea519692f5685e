import type { PeerId } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import { BLOCK_BYTES } from '../constants.ts'
import type { Waste } from '../traffic.ts'
import type { Run } from '../wire/codec.ts'
import type { FrameBody, FrameHeader, FrameSink } from '../wire/frame.ts'
import { LeafAssembly } from './leaf-assembly.ts'
import type { LeafAssemblies } from './leaf-assembly.ts'
import type { OwedBlocks } from './owed-blocks.ts'
import type { ReceiveBuffers } from './receive-buffers.ts'

/**
 * Bytes that nobody asks for any more, and of inner nodes that nobody asked for, that a peer may send before its session
 * ends: cancels cross data in flight, and no more than this is asked of one peer (`MAX_ASKED_BYTES`).
 */
export const MAX_UNASKED_BYTES = 16 * 1024 * 1024

/** Wanted bytes that make up for one unasked byte, so that long downloads with cancels now and then never end. */
const WANTED_PER_UNASKED = 8

/** What nobody asked for is read to here. All lanes share it: nobody looks at it. */
const SCRATCH = new Uint8Array(64 * 1024)

/** Bytes that are reported together: a report for each read would cost more than the reading. */
const REPORT_BYTES = 64 * 1024

/** Of a slow peer each block is reported, so that it does not seem to be silent. */
const REPORT_MS = 100

export interface ReceiverInit {
  readonly peer: PeerId
  readonly buffers: Pick<ReceiveBuffers, 'take' | 'give' | 'wait'>
  /** The leaves of the share that are being put together, of all peers. */
  readonly assemblies: LeafAssemblies
  /** What it was asked for. */
  readonly owed: Pick<OwedBlocks, 'has' | 'came' | 'asked'>
  /** Bytes of the leaf if a block of the run is taken from this peer now. */
  expects(run: Run): number | undefined
  /** These blocks are in the buffer of their leaf. */
  arrived(run: Run): void
  /** Whether the node is asked of this peer now. */
  expectsNode(request: number, ordinal: number): boolean
  node(request: number, ordinal: number, block: Uint8Array): void
  /** Whether an inner node that is not expected was asked of somebody once. */
  wasNodeAsked(request: number): boolean
  /** Every body byte, wanted or not. */
  received(bytes: number, waste: Waste | undefined): void
}

/**
 * Takes the frames of one peer, whichever lane they come by: leaf bodies straight into pooled buffers, nodes into their
 * own.
 */
export class Receiver implements FrameSink {
  readonly #init: ReceiverInit
  /** Buffers that this peer's lanes took, those that were handed on among them. */
  #held = 0
  /** Lanes that wait for a buffer, each with how it waits no more. */
  readonly #waits = new Map<() => void, () => void>()
  #unasked = 0
  #closed = false

  constructor(init: ReceiverInit) {
    this.#init = init
  }

  /** Whether a lane stands still because there is no buffer. */
  get isWaiting(): boolean {
    return this.#waits.size > 0
  }

  /** @throws InvalidMessageError for a frame that must not be: the session ends */
  open(header: FrameHeader, wake: () => void): FrameBody | undefined {
    if (header.kind === 'node') {
      return this.#openNode(header)
    }
    const { leaf, firstBlock, bytes } = header
    const run = { leaf, first: firstBlock, count: Math.ceil(bytes / BLOCK_BYTES) }
    const { owed } = this.#init
    if (!owed.has(run)) {
      throw new InvalidMessageError(`${run.count} blocks of leaf ${leaf} that nobody asked for`)
    }
    const leafBytes = this.#closed ? undefined : this.#init.expects(run)
    if (leafBytes === undefined) {
      owed.came(run)
      return new UnwantedBody(bytes, this.#report, 'duplicate', (missing) => {
        this.#comesLater(leaf, missing)
      })
    }
    const start = firstBlock * BLOCK_BYTES
    const end = start + bytes
    if (end > leafBytes || (end < leafBytes && bytes % BLOCK_BYTES !== 0)) {
      throw new InvalidMessageError(`data frame of bytes ${start} to ${end} in a leaf of ${leafBytes}`)
    }
    const assembly = this.#init.assemblies.get(leaf) ?? this.#assemble(leaf, leafBytes)
    if (assembly === undefined) {
      this.#wait(leafBytes, wake)
      return undefined
    }
    owed.came(run)
    return new LeafBody(assembly, header, {
      peer: this.#init.peer,
      report: this.#report,
      arrived: (arrived, whole) => {
        assembly.add(this.#init.peer, whole)
        this.#init.arrived(arrived)
      },
      cut: (missing) => {
        this.#comesLater(leaf, missing)
      }
    })
  }

  close(): void {
    this.#closed = true
    for (const cancel of this.#waits.values()) {
      cancel()
    }
    this.#waits.clear()
  }

  #openNode(header: FrameHeader & { kind: 'node' }): FrameBody {
    const { request, ordinal, bytes } = header
    return this.#init.expectsNode(request, ordinal)
      ? new NodeBody(bytes, this.#report, (block) => {
          this.#init.node(request, ordinal, block)
        })
      : new UnwantedBody(bytes, this.#report, this.#init.wasNodeAsked(request) ? 'duplicate' : 'unrequested')
  }

  /** A lane ended in a frame: what did not come of it may come by another one. */
  #comesLater(leaf: number, missingBytes: number): void {
    this.#init.owed.asked([{ leaf, count: Math.ceil(missingBytes / BLOCK_BYTES) }])
  }

  #assemble(leaf: number, bytes: number): LeafAssembly | undefined {
    const buffer = this.#init.buffers.take(bytes, this.#held === 0)
    if (buffer === undefined) {
      return undefined
    }
    this.#held++
    const assembly = new LeafAssembly(leaf, bytes, buffer, (given) => {
      this.#giveBack(given)
    })
    this.#init.assemblies.add(assembly)
    return assembly
  }

  #wait(bytes: number, wake: () => void): void {
    const cancel = this.#init.buffers.wait(bytes, () => {
      this.#waits.delete(wake)
      wake()
    })
    this.#waits.set(wake, cancel)
  }

  readonly #report = (bytes: number, waste: Waste | undefined): void => {
    this.#init.received(bytes, waste)
    if (waste === undefined) {
      this.#unasked = Math.max(0, this.#unasked - bytes / WANTED_PER_UNASKED)
      return
    }
    this.#unasked += bytes
    if (this.#unasked > MAX_UNASKED_BYTES) {
      throw new InvalidMessageError('the peer keeps sending what nobody asked for')
    }
  }

  #giveBack(buffer: Uint8Array): void {
    this.#held--
    this.#init.buffers.give(buffer)
    const [next] = this.#held === 0 ? this.#waits : []
    if (next !== undefined) {
      // it has none now, so it need not wait for others
      const [wake, cancel] = next
      this.#waits.delete(wake)
      cancel()
      queueMicrotask(wake)
    }
  }
}

type Report = (bytes: number, waste: Waste | undefined) => void

/** Told how many bytes of a frame did not come. */
type Cut = (missing: number) => void

/** A body that nobody asked for, or no longer. */
class UnwantedBody implements FrameBody {
  readonly #report: Report
  readonly #waste: Waste
  readonly #cut: Cut | undefined
  #left: number

  constructor(bytes: number, report: Report, waste: Waste, cut?: Cut) {
    this.#left = bytes
    this.#report = report
    this.#waste = waste
    this.#cut = cut
  }

  room(): Uint8Array {
    return SCRATCH.subarray(0, this.#left)
  }

  filled(bytes: number): void {
    this.#left -= bytes
    this.#report(bytes, this.#waste)
  }

  end(): void {
    // nothing was kept
    if (this.#left > 0) {
      this.#cut?.(this.#left)
    }
  }
}

/** The block of an inner node. */
class NodeBody implements FrameBody {
  readonly #block: Uint8Array
  readonly #report: Report
  readonly #done: (block: Uint8Array) => void
  #fill = 0

  constructor(bytes: number, report: Report, done: (block: Uint8Array) => void) {
    this.#block = new Uint8Array(bytes)
    this.#report = report
    this.#done = done
  }

  room(): Uint8Array {
    return this.#block.subarray(this.#fill)
  }

  filled(bytes: number): void {
    this.#fill += bytes
    this.#report(bytes, undefined)
  }

  end(isComplete: boolean): void {
    if (isComplete) {
      this.#done(this.#block)
    }
  }
}

interface LeafBodyInit {
  readonly peer: PeerId
  readonly report: Report
  /** These blocks are in the buffer. */
  readonly arrived: (run: Run, bytes: number) => void
  readonly cut: Cut
}

/** A run of blocks of a leaf. */
class LeafBody implements FrameBody {
  readonly #assembly: LeafAssembly
  readonly #start: number
  readonly #end: number
  readonly #init: LeafBodyInit
  /** Offset in the leaf up to which the body is here, was reported, and was said to have arrived. */
  #at: number
  #reported: number
  #told: number
  #toldAt = performance.now()
  #isLent = false

  constructor(assembly: LeafAssembly, { firstBlock, bytes }: FrameHeader & { kind: 'data' }, init: LeafBodyInit) {
    this.#assembly = assembly
    this.#start = firstBlock * BLOCK_BYTES
    this.#end = this.#start + bytes
    this.#at = this.#start
    this.#reported = this.#start
    this.#told = this.#start
    this.#init = init
  }

  room(): Uint8Array {
    const { isOver, buffer } = this.#assembly
    if (isOver) {
      return SCRATCH.subarray(0, this.#end - this.#at)
    }
    if (!this.#isLent) {
      this.#isLent = true
      this.#assembly.lend(this.#init.peer)
    }
    return buffer.subarray(this.#at, this.#end)
  }

  filled(bytes: number): void {
    const wanted = !this.#assembly.isOver
    this.#returnRoom()
    this.#at += bytes
    // the last bytes may complete the leaf: what is reported after that counts as too late
    if (!wanted || this.#at === this.#end || this.#at - this.#reported >= REPORT_BYTES) {
      this.#flush(wanted)
    }
    if (wanted && this.#at - this.#told >= BLOCK_BYTES) {
      this.#tell(this.#at === this.#end)
    }
  }

  end(): void {
    const wanted = !this.#assembly.isOver
    this.#returnRoom()
    this.#flush(wanted)
    if (wanted) {
      this.#tell(true)
    }
    if (this.#at < this.#end) {
      this.#init.cut(this.#end - this.#at)
    }
  }

  #returnRoom(): void {
    if (this.#isLent) {
      this.#isLent = false
      this.#assembly.takeBack()
    }
  }

  #flush(wanted: boolean): void {
    const bytes = this.#at - this.#reported
    this.#reported = this.#at
    if (bytes > 0) {
      this.#init.report(bytes, wanted ? undefined : 'duplicate')
    }
  }

  /** Whole blocks only: the rest of one may come by another lane. */
  #tell(atOnce: boolean): void {
    const now = performance.now()
    if (!atOnce && this.#at - this.#told < REPORT_BYTES && now - this.#toldAt < REPORT_MS) {
      return
    }
    const isLast = this.#at === this.#end
    const end = isLast ? this.#end : this.#at - (this.#at % BLOCK_BYTES)
    const bytes = end - this.#told
    if (bytes > 0) {
      const first = this.#told / BLOCK_BYTES
      this.#told = end
      this.#toldAt = now
      this.#init.arrived({ leaf: this.#assembly.leaf, first, count: Math.ceil(bytes / BLOCK_BYTES) }, bytes)
    }
  }
}
