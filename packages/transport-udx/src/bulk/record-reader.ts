import { MAX_RECORD_BYTES } from './constants.ts'
import { RECORD_HEADER_BYTES, RECORD_OVERHEAD_BYTES, readRecordHeader } from './record.ts'

/**
 * Puts the packets of one lane together to records. Holds one record at most, in a buffer that it uses again. Pure.
 */
export class RecordReader {
  readonly #record = Buffer.allocUnsafeSlow(RECORD_OVERHEAD_BYTES + MAX_RECORD_BYTES)
  #filled = 0
  #needed = RECORD_HEADER_BYTES
  #hasHeader = false

  /**
   * Calls `take` with each record that is complete; the buffer is good until it returns. Throws `UdxBulkChannelError` for a head
   * that no record has, and what `take` throws.
   */
  push(bytes: Uint8Array, take: (record: Buffer) => void): void {
    for (let at = 0; at < bytes.byteLength;) {
      const piece = bytes.subarray(at, at + this.#needed - this.#filled)
      this.#record.set(piece, this.#filled)
      this.#filled += piece.byteLength
      at += piece.byteLength
      if (this.#filled < this.#needed) {
        return
      }
      if (this.#hasHeader) {
        const record = this.#record.subarray(0, this.#needed)
        this.#filled = 0
        this.#needed = RECORD_HEADER_BYTES
        this.#hasHeader = false
        take(record)
      } else {
        this.#hasHeader = true
        this.#needed = RECORD_OVERHEAD_BYTES + readRecordHeader(this.#record).bytes
      }
    }
  }
}
