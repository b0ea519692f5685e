import type { FileHandle } from 'node:fs/promises'

/**
 * Open files a store keeps at once. A share may have 100,000 files and a process often only 1,024 descriptors; a few
 * stores side by side must fit.
 */
export const MAX_OPEN_FILES = 64

interface Entry {
  readonly handle: Promise<FileHandle>
  readonly closed: PromiseWithResolvers<void>
  users: number
}

/** Called when closing a file failed: what was written to it may not have arrived. Must not throw. */
export type OnCloseError = (file: number, error: unknown) => void

/** The most recently used files of a store, open; the others are closed and opened again when needed. */
export class HandlePool {
  readonly #open: (file: number) => Promise<FileHandle>
  readonly #limit: number
  readonly #onCloseError: OnCloseError
  /** In order of use, the least recent first. */
  readonly #entries = new Map<number, Entry>()
  /** Evicted but not closed yet: still in use, or being closed. */
  readonly #leaving = new Set<Entry>()
  readonly #waiting: Array<() => void> = []

  constructor(
    open: (file: number) => Promise<FileHandle>,
    limit: number = MAX_OPEN_FILES,
    onCloseError: OnCloseError = () => undefined
  ) {
    this.#open = open
    this.#limit = limit
    this.#onCloseError = onCloseError
  }

  /** Files open now or being opened; those that only their present users keep open are not counted. */
  get size(): number {
    return this.#entries.size
  }

  /** Run `action` with the open file; it stays open at least until the action ends. */
  async use<T>(file: number, action: (handle: FileHandle) => Promise<T>): Promise<T> {
    const entry = await this.#enter(file)
    try {
      return await action(await entry.handle)
    } finally {
      entry.users--
      if (entry.users === 0 && this.#leaving.has(entry)) {
        this.#close(file, entry)
      }
      this.#waiting.shift()?.()
    }
  }

  /** Close `file` as soon as nobody uses it, so that its next use opens it again. */
  evict(file: number): void {
    const entry = this.#entries.get(file)
    if (entry === undefined) {
      return
    }
    this.#entries.delete(file)
    this.#leaving.add(entry)
    if (entry.users === 0) {
      this.#close(file, entry)
    }
  }

  /** Close every file, each after its present users are done; resolves when all are closed. */
  async drain(): Promise<void> {
    for (const file of [...this.#entries.keys()]) {
      this.evict(file)
    }
    await Promise.all([...this.#leaving].map(async (entry) => entry.closed.promise))
  }

  async #enter(file: number): Promise<Entry> {
    let entry = this.#entries.get(file)
    while (entry === undefined && !this.#makeRoom()) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
      entry = this.#entries.get(file)
    }
    if (entry === undefined) {
      const closed: PromiseWithResolvers<void> = Promise.withResolvers()
      entry = { handle: this.#open(file), closed, users: 0 }
      // a file that could not be opened is tried again by the next user
      entry.handle.catch(() => {
        this.evict(file)
      })
    }
    entry.users++
    // to the end: the most recently used
    this.#entries.delete(file)
    this.#entries.set(file, entry)
    return entry
  }

  /** Room for one more entry, by closing the least recently used idle file if need be. */
  #makeRoom(): boolean {
    if (this.#entries.size < this.#limit) {
      return true
    }
    for (const [file, entry] of this.#entries) {
      if (entry.users === 0) {
        this.evict(file)
        return true
      }
    }
    return false
  }

  #close(file: number, entry: Entry): void {
    const done = (): void => {
      this.#leaving.delete(entry)
      entry.closed.resolve()
    }
    entry.handle
      .then(
        async (handle) => handle.close(),
        // never opened, nothing to close
        () => undefined
      )
      .catch((error: unknown) => {
        this.#onCloseError(file, error)
      })
      .finally(done)
  }
}
