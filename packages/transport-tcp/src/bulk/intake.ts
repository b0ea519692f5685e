import type { BulkSink } from '@p2pshare/interface'
import { MAX_SPILL_BYTES, SPILL_BYTES } from './constants.ts'
import { BulkChannelError } from './errors.ts'

/**
 * Brings what arrives to the sink, whole and in order, in whatever chunks it arrives and whenever the sink asks for a
 * pause. It can be read into (`view`, `filled`), so that bytes land where they belong, or be given chunks (`give`), which are
 * copied. No socket inside: it is told what was read, and says whether to read on.
 *
 * Node hands on what it had read before it was told to stop, up to 64 KiB; that is kept here until `resume`.
 */
export class Intake {
  readonly #sink: BulkSink
  /** Begins so: nothing reaches the sink before its owner has the channel. */
  #paused = true
  /** Kept bytes, in order. */
  readonly #kept: Uint8Array[] = []
  #keptBytes = 0
  /** The view that the next read goes to, and whether it is the sink's. */
  #view: Uint8Array | undefined
  #ofSink = false
  #spill: Uint8Array | undefined
  #spillUsed = 0
  #inSink = false
  #resumedInSink = false

  constructor(sink: BulkSink) {
    this.#sink = sink
  }

  /** Bytes that wait for the sink. */
  get waitingBytes(): number {
    return this.#keptBytes
  }

  /** Where the next read goes; asked for again before each. */
  view(): Uint8Array {
    this.#ofSink = !this.#paused && this.#keptBytes === 0
    this.#view = this.#ofSink ? this.#sinkView() : this.#spillView()
    return this.#view
  }

  /** The last view was filled from its start. `false`: read no more. */
  filled(bytes: number): boolean {
    if (this.#ofSink) {
      this.#tellSink(bytes)
    } else if (this.#view !== undefined) {
      this.#spillUsed += bytes
      this.#keep(this.#view.subarray(0, bytes))
      this.#pourKept()
    }
    return !this.#paused
  }

  /** These bytes arrived, and are the intake's from now on. `false`: read no more. */
  give(bytes: Uint8Array): boolean {
    this.#keep(bytes)
    this.#pourKept()
    return !this.#paused
  }

  /** The sink takes more. `false`: it had enough again at once, so do not read on. */
  resume(): boolean {
    if (this.#inSink) {
      this.#resumedInSink = true
      return false
    }
    this.#paused = false
    this.#pourKept()
    return !this.#paused
  }

  #pourKept(): void {
    while (!this.#paused) {
      const first = this.#kept.shift()
      if (first === undefined) {
        return
      }
      const view = this.#sinkView()
      const bytes = Math.min(view.byteLength, first.byteLength)
      view.set(first.subarray(0, bytes))
      this.#keptBytes -= bytes
      if (bytes < first.byteLength) {
        this.#kept.unshift(first.subarray(bytes))
      }
      this.#tellSink(bytes)
    }
  }

  #tellSink(bytes: number): void {
    this.#inSink = true
    this.#resumedInSink = false
    try {
      const more = this.#sink.filled(bytes)
      this.#paused = !more && !this.#resumedInSink
    } finally {
      this.#inSink = false
    }
  }

  #sinkView(): Uint8Array {
    const view = this.#sink.buffer()
    if (view.byteLength === 0) {
      throw new BulkChannelError('sink', 'the sink gave a buffer without room')
    }
    return view
  }

  #spillView(): Uint8Array {
    if (this.#spill === undefined || this.#spillUsed === this.#spill.byteLength) {
      this.#spill = Buffer.allocUnsafe(SPILL_BYTES)
      this.#spillUsed = 0
    } else if (this.#keptBytes === 0) {
      this.#spillUsed = 0
    }
    return this.#spill.subarray(this.#spillUsed)
  }

  #keep(bytes: Uint8Array): void {
    this.#keptBytes += bytes.byteLength
    if (this.#keptBytes > MAX_SPILL_BYTES) {
      throw new BulkChannelError('protocol', `${this.#keptBytes} bytes came while reading was stopped`)
    }
    this.#kept.push(bytes)
  }
}
