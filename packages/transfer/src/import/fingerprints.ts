/** What a file looked like while it was hashed: enough to notice a later edit. */
export interface Fingerprint {
  readonly size: number
  /** Milliseconds since the Unix epoch, with the file system's own fraction. */
  readonly mtimeMs: number
  /** Rounded to a double where it is larger than 2^53: it is only ever compared for equality. */
  readonly ino: number
}

const FIRST_CAPACITY = 16

/** Fingerprints by path in the order of the walk; compact, since a share may have a million files. */
export class FingerprintTable implements Iterable<readonly [path: string, fingerprint: Fingerprint]> {
  readonly #paths: string[] = []
  #columns = new Float64Array(FIRST_CAPACITY * 3)
  #byPath: Map<string, number> | undefined

  get size(): number {
    return this.#paths.length
  }

  /** A place in the order for a file that is not read yet. */
  reserve(path: string): number {
    const index = this.#paths.push(path) - 1
    if (index * 3 === this.#columns.length) {
      const columns = new Float64Array(this.#columns.length * 2)
      columns.set(this.#columns)
      this.#columns = columns
    }
    return index
  }

  set(index: number, { size, mtimeMs, ino }: Fingerprint): void {
    this.#columns.set([size, mtimeMs, ino], index * 3)
  }

  get(path: string): Fingerprint | undefined {
    this.#byPath ??= new Map(this.#paths.map((known, index) => [known, index]))
    const index = this.#byPath.get(path)
    return index === undefined ? undefined : this.#at(index)
  }

  *[Symbol.iterator](): Generator<readonly [path: string, fingerprint: Fingerprint], void, undefined> {
    for (const [index, path] of this.#paths.entries()) {
      yield [path, this.#at(index)]
    }
  }

  #at(index: number): Fingerprint {
    const [size = 0, mtimeMs = 0, ino = 0] = this.#columns.subarray(index * 3, index * 3 + 3)
    return { size, mtimeMs, ino }
  }
}
