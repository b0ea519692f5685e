/** Bytes of all slots that are out at once: reads under way and bytes that wait to be hashed, of one import. */
export const MAX_SLOT_BYTES = 8 * 1024 * 1024

/** Sizes of slots below the largest: a small file should not need memory for a large one. */
const SMALL_SLOT_BYTES = [16 * 1024, 64 * 1024, 256 * 1024]

/** Memory that a piece of a file is read into, and that other threads see. */
export type Slot = Uint8Array<SharedArrayBuffer>

interface SizeClass {
  readonly bytes: number
  readonly free: Slot[]
}

interface Waiter {
  readonly size: SizeClass
  readonly resolve: (slot: Slot) => void
}

/**
 * Slots of a few sizes that are used again, `MAX_SLOT_BYTES` together. Whoever holds one must be able to give it back
 * without getting another first.
 */
export class ReadSlots {
  /** Of the largest slot. */
  readonly bytes: number
  readonly #classes: readonly SizeClass[]
  readonly #waiters: Waiter[] = []
  readonly #limit: number
  /** Of slots that are out, and of those kept to be used again. */
  #out = 0
  #kept = 0

  /** @param bytes - of the largest slot; one of them is given out whatever the limit. */
  constructor(bytes: number, limit = MAX_SLOT_BYTES) {
    this.bytes = bytes
    this.#limit = Math.max(limit, bytes)
    this.#classes = [...SMALL_SLOT_BYTES.filter((small) => small < bytes), bytes].map((size) => ({
      bytes: size,
      free: []
    }))
  }

  /** Bytes of the slots that are out. */
  get outBytes(): number {
    return this.#out
  }

  /** A slot of at least `bytes`, which are at most those of the largest; in the order of asking. */
  take(bytes: number): Slot | Promise<Slot> {
    const size = this.#classes.find((candidate) => candidate.bytes >= bytes) ?? this.#largest
    if (this.#waiters.length === 0 && this.#out + size.bytes <= this.#limit) {
      return this.#lend(size)
    }
    return new Promise((resolve) => {
      this.#waiters.push({ size, resolve })
    })
  }

  /** Take a slot back; nobody may read or write it any more. */
  give(slot: Slot): void {
    const size = this.#classes.find((candidate) => candidate.bytes === slot.byteLength)
    size?.free.push(slot)
    this.#out -= slot.byteLength
    this.#kept += slot.byteLength
    for (let next = this.#waiters[0]; next !== undefined; next = this.#waiters[0]) {
      if (this.#out + next.size.bytes > this.#limit) {
        return
      }
      this.#waiters.shift()
      next.resolve(this.#lend(next.size))
    }
  }

  get #largest(): SizeClass {
    return this.#classes.at(-1) ?? { bytes: this.bytes, free: [] }
  }

  #lend(size: SizeClass): Slot {
    this.#out += size.bytes
    const slot = size.free.pop()
    if (slot !== undefined) {
      this.#kept -= slot.byteLength
      return slot
    }
    this.#forgetOthers()
    return new Uint8Array(new SharedArrayBuffer(size.bytes))
  }

  /** Slots of sizes that are not asked for now must not add to those that are. */
  #forgetOthers(): void {
    for (const { free } of this.#classes) {
      while (this.#out + this.#kept > this.#limit && free.length > 0) {
        this.#kept -= free.pop()?.byteLength ?? 0
      }
    }
  }
}
