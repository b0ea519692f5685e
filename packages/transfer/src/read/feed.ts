import type { Fetch } from '../fetch.ts'
import type { LeafMap } from '../leaf-map.ts'
import type { Entry } from '../share/entry.ts'
import type { View } from '../view.ts'
import type { Joined } from './joining.ts'
import { LeafReader } from './leaf-reader.ts'

/** Between two leaves that a reader needs: readers that began at the same time take turns. */
const DUE_STEP_MS = 250

/** Where a reader gets leaves from. */
export interface Feed {
  readonly layout: LeafMap
  /** Aborted when nothing more comes, with the reason. @default what is here is here */
  readonly over?: AbortSignal
  /** The reader needs some of this file. */
  begin(file: number): Promise<void>
  /** It needs these leaves next, in this order, and no others any more. */
  need(reader: object, leaves: readonly number[]): Promise<void>
  /** The bytes of a leaf in its file, when they are here. */
  leaf(leaf: number, signal: AbortSignal): Promise<Uint8Array>
  /** The reader is gone. */
  end(reader: object): void
}

/** A place to read from, for one reader. */
export interface Use {
  readonly feed: Feed
  readonly release: () => void
}

/** Of a share that is here. */
export function heldFeed(entry: Entry, view: View): Feed {
  const reader = new LeafReader({ entry, view })
  return {
    layout: view.layout,
    begin: async () => undefined,
    need: async () => undefined,
    leaf: async (leaf, signal) => reader.leaf(leaf, signal),
    end: () => undefined
  }
}

/** Of a download that runs: what the reader needs comes first, and its file with it. */
export function joinedFeed(entry: Entry, fetch: Pick<Fetch, 'include' | 'joining'>, { view, leaves }: Joined): Feed {
  const reader = new LeafReader({ entry, view, leaves })
  return {
    layout: view.layout,
    over: fetch.joining.over,
    begin: async (file) => fetch.include(file),
    need: async (owner, window) => {
      hurry(entry, reader, owner, window)
    },
    leaf: async (leaf, signal) => reader.leaf(leaf, signal),
    end: (owner) => {
      entry.swarm.wishes.setDeadline(owner, undefined)
    }
  }
}

/** What is not here of these leaves is due from now on. */
export function hurry(entry: Entry, reader: LeafReader, owner: object, window: readonly number[]): void {
  const open = window.filter((leaf) => !reader.isHeld(leaf))
  const leaves = open.map((leaf) => entry.content?.map.canonical(leaf) ?? leaf)
  const deadline = { leaves, dueMs: performance.now(), eachMs: DUE_STEP_MS }
  entry.swarm.wishes.setDeadline(owner, leaves.length === 0 ? undefined : deadline)
}
