import { MAX_RECORD_BYTES, WINDOW_BYTES } from './constants.ts'
import { RECORD_OVERHEAD_BYTES } from './record.ts'

/** As many as can be on their way. */
const MAX_KEPT = WINDOW_BYTES / MAX_RECORD_BYTES

/** Buffers for records that are sent: UDX refers to each until it is acknowledged. Pure. */
export class RecordPool {
  readonly #kept: Buffer[] = []

  /** One with room for a record. */
  take(): Buffer {
    return this.#kept.pop() ?? Buffer.allocUnsafeSlow(RECORD_OVERHEAD_BYTES + MAX_RECORD_BYTES)
  }

  /** It is not referred to any more. */
  give(buffer: Buffer): void {
    if (this.#kept.length < MAX_KEPT) {
      this.#kept.push(buffer)
    }
  }
}
