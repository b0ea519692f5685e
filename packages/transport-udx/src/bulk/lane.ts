import type { NativeStream } from '../native.ts'
import { free } from './free.ts'
import { RecordReader } from './record-reader.ts'

/** What happens on one lane. */
export interface LaneEvents {
  /** A whole record; the buffer is good until this returns. A throw ends the channel. */
  onRecord(record: Buffer): void
  /** It takes more. */
  onDrain(): void
  /** It is over, or broken. */
  onOver(error: Error | undefined): void
}

/** One UDX stream of a channel. */
export class BulkLane {
  /** The other end was heard on it, so that what is sent is not lost. */
  isReady = false
  /** It was given more than it sends at once. */
  isFull = false
  bytesReceived = 0
  bytesSent = 0
  readonly #stream: NativeStream
  readonly #reader = new RecordReader()
  #slab: Uint8Array | undefined

  constructor(stream: NativeStream, events: LaneEvents) {
    this.#stream = stream
    stream.on('data', (bytes: Uint8Array) => {
      this.bytesReceived += bytes.byteLength
      this.#freeSlab(bytes)
      try {
        this.#reader.push(bytes, (record) => {
          events.onRecord(record)
        })
      } catch (error) {
        events.onOver(error instanceof Error ? error : undefined)
      }
    })
    stream.on('drain', () => {
      this.isFull = false
      events.onDrain()
    })
    stream.once('end', () => {
      stream.end()
      events.onOver(undefined)
    })
    stream.on('error', (error: Error) => {
      events.onOver(error)
    })
    stream.once('close', () => {
      events.onOver(undefined)
    })
  }

  /** Something was sent that is not acknowledged. */
  get isSending(): boolean {
    return !this.#stream.destroyed && this.#stream.inflight > 0
  }

  /** `acknowledged` is called when the other end has it, and nothing refers to it any more. */
  write(record: Uint8Array, acknowledged?: () => void): void {
    this.bytesSent += record.byteLength
    this.isFull = !this.#stream.write(record)
    if (acknowledged !== undefined) {
      void this.#stream.flush().then((isSo) => {
        if (isSo) {
          acknowledged()
        }
      })
    }
  }

  /** UDX hands up views of a slab of 66 KiB, one after the other; what is read here is copied. */
  #freeSlab(bytes: Uint8Array): void {
    if (this.#slab !== undefined && this.#slab.buffer !== bytes.buffer) {
      free(this.#slab)
    }
    this.#slab = bytes
  }

  /** Sends what it was given, then ends. */
  end(): void {
    if (!this.#stream.destroyed) {
      this.#stream.end()
    }
  }

  destroy(): void {
    this.#stream.destroy()
  }
}
