import { InvalidMessageError } from '@p2pshare/interface'
import { BLOCK_BYTES } from '../constants.ts'
import type { FrameHeader, FrameSink } from '../wire/frame.ts'
import type { Buffers } from './buffer-pool.ts'

/** Bytes nobody asked for, or no longer, that a peer may send before its session ends: cancels cross data in flight. */
export const MAX_UNASKED_BYTES = 64 * 1024 * 1024

/** Wanted bytes that make up for one unasked byte, so that long downloads with cancels now and then never end. */
const WANTED_PER_UNASKED = 8

export interface ReceiverInit {
  readonly pool: Buffers
  /** Bytes of the leaf if it is asked of this peer now. */
  expects(leaf: number): number | undefined
  /** A whole leaf, not verified. The buffer goes back to the pool by `release`. */
  leaf(leaf: number, bytes: Uint8Array, release: () => void): void
  /** Whether the node is asked of this peer now. */
  expectsNode(request: number, ordinal: number): boolean
  node(request: number, ordinal: number, block: Uint8Array): void
  /** Every body byte, wanted or not. */
  received(bytes: number, wanted: boolean): void
}

interface Assembly {
  readonly buffer: Uint8Array
  readonly bytes: number
  readonly blocks: Uint8Array
  blocksLeft: number
}

/** Puts the frames of one peer together: leaf bodies straight into pooled buffers, nodes into their own. */
export class Receiver implements FrameSink {
  readonly #init: ReceiverInit
  readonly #assemblies = new Map<number, Assembly>()
  #header: FrameHeader | undefined
  /** Where the present body goes; `undefined`: nowhere. */
  #target: Uint8Array | undefined
  #fill = 0
  #unasked = 0

  constructor(init: ReceiverInit) {
    this.#init = init
  }

  header(header: FrameHeader): void {
    this.#header = header
    this.#fill = 0
    this.#target = header.kind === 'data' ? this.#leafTarget(header) : this.#nodeTarget(header)
  }

  body(piece: Uint8Array, last: boolean): void {
    this.#target?.set(piece, this.#fill)
    this.#fill += piece.byteLength
    const wanted = this.#target !== undefined
    this.#init.received(piece.byteLength, wanted)
    if (wanted) {
      this.#unasked = Math.max(0, this.#unasked - piece.byteLength / WANTED_PER_UNASKED)
    } else {
      this.#unasked += piece.byteLength
      if (this.#unasked > MAX_UNASKED_BYTES) {
        throw new InvalidMessageError('the peer keeps sending what nobody asked for')
      }
    }
    if (last) {
      this.#finishBody()
    }
  }

  /** Forget a leaf that is no longer asked of this peer. */
  forget(leaf: number): void {
    const assembly = this.#assemblies.get(leaf)
    if (assembly !== undefined && this.#assemblies.delete(leaf)) {
      if (this.#header?.kind === 'data' && this.#header.leaf === leaf) {
        this.#target = undefined // the rest of a body on its way is discarded
      }
      this.#init.pool.release(assembly.buffer)
    }
  }

  close(): void {
    for (const leaf of [...this.#assemblies.keys()]) {
      this.forget(leaf)
    }
  }

  #leafTarget(header: FrameHeader & { kind: 'data' }): Uint8Array | undefined {
    const bytes = this.#init.expects(header.leaf)
    if (bytes === undefined) {
      return undefined
    }
    const start = header.firstBlock * BLOCK_BYTES
    const end = start + header.bytes
    if (end > bytes || (end < bytes && header.bytes % BLOCK_BYTES !== 0)) {
      throw new InvalidMessageError(`data frame of bytes ${start} to ${end} in a leaf of ${bytes}`)
    }
    const assembly = this.#assemblies.get(header.leaf) ?? this.#assemble(header.leaf, bytes)
    return assembly.buffer.subarray(start, end)
  }

  #assemble(leaf: number, bytes: number): Assembly {
    const count = Math.ceil(bytes / BLOCK_BYTES)
    const buffer = this.#init.pool.acquire(bytes)
    const assembly = { buffer, bytes, blocks: new Uint8Array(count), blocksLeft: count }
    this.#assemblies.set(leaf, assembly)
    return assembly
  }

  #nodeTarget(header: FrameHeader & { kind: 'node' }): Uint8Array | undefined {
    return this.#init.expectsNode(header.request, header.ordinal) ? new Uint8Array(header.bytes) : undefined
  }

  #finishBody(): void {
    const header = this.#header
    const target = this.#target
    this.#header = undefined
    this.#target = undefined
    if (header === undefined || target === undefined) {
      return
    }
    if (header.kind === 'node') {
      this.#init.node(header.request, header.ordinal, target)
    } else {
      this.#markBlocks(header)
    }
  }

  #markBlocks(header: FrameHeader & { kind: 'data' }): void {
    const assembly = this.#assemblies.get(header.leaf)
    if (assembly === undefined) {
      return
    }
    const end = header.firstBlock + Math.ceil(header.bytes / BLOCK_BYTES)
    for (let block = header.firstBlock; block < end; block++) {
      if (assembly.blocks[block] === 0) {
        assembly.blocks[block] = 1
        assembly.blocksLeft--
      }
    }
    if (assembly.blocksLeft === 0) {
      this.#assemblies.delete(header.leaf)
      const { buffer, bytes } = assembly
      this.#init.leaf(header.leaf, buffer.subarray(0, bytes), () => {
        this.#init.pool.release(buffer)
      })
    }
  }
}
