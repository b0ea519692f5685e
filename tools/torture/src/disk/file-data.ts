import type { Random } from '@p2pshare/testkit'

/** What a disk writes as one: a cut in the middle leaves the old or the new. */
const SECTOR_BYTES = 512

type Change =
  | { readonly type: 'write'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly type: 'size'; readonly to: number }

/** Bytes of one file: as programs see them, and what of them has reached the disk. */
export class FileData {
  #now: Buffer = Buffer.alloc(0)
  #durable: Buffer = Buffer.alloc(0)
  /** Since the last sync, in order. */
  #changes: Change[] = []

  get size(): number {
    return this.#now.byteLength
  }

  read(into: Uint8Array, at: number): number {
    const part = this.#now.subarray(at, at + into.byteLength)
    into.set(part)
    return part.byteLength
  }

  write(bytes: Uint8Array, at: number): void {
    this.#do({ type: 'write', at, bytes: Uint8Array.from(bytes) })
  }

  resize(to: number): void {
    this.#do({ type: 'size', to })
  }

  sync(): void {
    this.#durable = Buffer.from(this.#now)
    this.#changes = []
  }

  /** The bytes rot: nobody wrote, and nothing says so. */
  flip(at: number): void {
    this.#now[at] = (this.#now[at] ?? 0) ^ 1
  }

  /**
   * The power fails. Each sector, and the size, is as it was after some number of the changes since the last sync, each
   * its own: the system writes pages back in any order.
   */
  cut(random: Random): void {
    const changes = this.#changes
    // most often some of it, sometimes nothing or all
    const some = (): number => random.int(changes.length + 1)
    const fate = random.int(4)
    const kept = fate === 0 ? () => 0 : fate === 1 ? () => changes.length : some
    const size = apply(this.#durable, changes.slice(0, kept())).byteLength
    const left = Buffer.alloc(size)
    const versions = new Map<number, Buffer>()
    for (let at = 0; at < size; at += SECTOR_BYTES) {
      const count = kept()
      const version = versions.get(count) ?? apply(this.#durable, changes.slice(0, count))
      versions.set(count, version)
      left.set(version.subarray(at, Math.min(at + SECTOR_BYTES, size)), at)
    }
    this.#now = left
    this.sync()
  }

  #do(change: Change): void {
    this.#changes.push(change)
    this.#now = apply(this.#now, [change])
  }
}

function apply(before: Buffer, changes: readonly Change[]): Buffer {
  let after = Buffer.from(before)
  for (const change of changes) {
    const size = change.type === 'size' ? change.to : Math.max(after.byteLength, change.at + change.bytes.byteLength)
    if (size !== after.byteLength) {
      const resized = Buffer.alloc(size)
      after.copy(resized)
      after = resized
    }
    if (change.type === 'write') {
      after.set(change.bytes, change.at)
    }
  }
  return after
}
