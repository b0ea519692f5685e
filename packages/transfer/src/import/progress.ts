import type { ImportProgress } from '../types.ts'

/** Bytes, and files, after which progress is told again. */
const REPORT_BYTES = 4 * 1024 * 1024
const REPORT_FILES = 256

/** Counts what was read and tells it now and then. */
export class ProgressReporter {
  readonly #tell: ((event: ImportProgress) => void) | undefined
  #files = 0
  #bytes = 0
  #toldFiles = 0
  #toldBytes = 0

  constructor(tell?: (event: ImportProgress) => void) {
    this.#tell = tell
  }

  get files(): number {
    return this.#files
  }

  get bytes(): number {
    return this.#bytes
  }

  addBytes(bytes: number): void {
    this.#bytes += bytes
    this.#maybeTell()
  }

  addFile(): void {
    this.#files++
    this.#maybeTell()
  }

  skipped(path: string, reason: 'hidden' | 'special'): void {
    this.#tell?.({ type: 'import.skipped', path, reason })
  }

  /** The last report has the final numbers. */
  end(): void {
    if (this.#files > this.#toldFiles || this.#bytes > this.#toldBytes) {
      this.#report()
    }
  }

  #maybeTell(): void {
    if (this.#bytes - this.#toldBytes >= REPORT_BYTES || this.#files - this.#toldFiles >= REPORT_FILES) {
      this.#report()
    }
  }

  #report(): void {
    this.#toldFiles = this.#files
    this.#toldBytes = this.#bytes
    this.#tell?.({ type: 'import.progress', files: this.#files, bytes: this.#bytes })
  }
}
