import type { BlobStore } from '@p2pshare/interface'

/** A store, and the bytes of each leaf of its share. At least three leaves, no two alike, of which the last is shorter. */
export interface BlobStoreSetup {
  readonly store: BlobStore
  readonly leaves: readonly Uint8Array[]
}

/** How the suite gets stores. Each test sets up its own. */
export interface BlobStoreFixture<S extends BlobStoreSetup = BlobStoreSetup> {
  /** A fresh store: empty, or full when `readOnly`. */
  setup(): Promise<S>
  /** Close the store if it is open and remove what it left. */
  teardown(setup: S): Promise<void>
  /** A store opened again on the place of one that was closed. Leave out for stores that keep nothing. */
  reopen?(setup: S): Promise<BlobStore>
  /**
   * The store only serves: `setup` returns it with all leaves, and `write` has to reject.
   *
   * @default false
   */
  readonly readOnly?: boolean
}

/** Runs `test` on a fresh store and always tears it down. */
export type WithStore<S extends BlobStoreSetup> = (test: (setup: S) => Promise<void>) => () => Promise<void>

/** Fill the store; a read-only one is full already. */
export async function fill({ store, leaves }: BlobStoreSetup, readOnly: boolean): Promise<void> {
  if (!readOnly) {
    for (const [index, bytes] of leaves.entries()) {
      await store.write(index, bytes)
    }
  }
}

/** Leaf `index` of the fixture. */
export function leafOf({ leaves }: BlobStoreSetup, index: number): Uint8Array {
  return leaves[index] ?? new Uint8Array()
}
