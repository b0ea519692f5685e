import { join } from 'node:path'
import { readSmallFile, writeFileAtomic } from './atomic-file.ts'
import { ifThere, nodeFs, onDisk } from './fs.ts'

/** A seed, a CID, a number and a time. */
const MAX_STATE_BYTES = 512

const NAME = 'scrub.json'

/** How far a pass over all shares has come. */
export interface ScrubCursor {
  /** Decides the order of the leaves; a whole number in `[0, 2^32)`. */
  readonly seed: number
  /** Text of the root that is being read. Shares with a smaller one are done. */
  readonly root: string
  /** Place in the order of its leaves. */
  readonly at: number
}

/** What is known of passes over all shares. */
export interface ScrubState {
  /** When the last one ended, or counting began: milliseconds since the Unix epoch. */
  readonly since?: number
  /** Of one that has begun. */
  readonly cursor?: ScrubCursor
}

/** What `saveScrubState` noted in the directory of a registry; nothing when that is of no use. */
export async function loadScrubState(directory: string): Promise<ScrubState> {
  const bytes = await readSmallFile(nodeFs, join(directory, NAME), MAX_STATE_BYTES).catch(() => undefined)
  try {
    return bytes === undefined ? {} : toState(JSON.parse(Buffer.from(bytes).toString()))
  } catch {
    return {} // a pass begins anew
  }
}

/** On the disk when it resolves; a state that says nothing leaves no file. */
export async function saveScrubState(directory: string, state: ScrubState): Promise<void> {
  const path = join(directory, NAME)
  if (state.since === undefined && state.cursor === undefined) {
    await onDisk(path, async () => ifThere(async () => nodeFs.unlink(path)))
  } else {
    await writeFileAtomic(nodeFs, path, Buffer.from(JSON.stringify(state)))
  }
}

function toState(value: unknown): ScrubState {
  const { since, cursor: written } = fieldsOf<ScrubState>(value)
  const cursor = toCursor(written)
  return { ...(isWhole(since) && { since }), ...(cursor && { cursor }) }
}

function toCursor(value: unknown): ScrubCursor | undefined {
  const { seed, root, at } = fieldsOf<ScrubCursor>(value)
  return isWhole(seed) && isWhole(at) && typeof root === 'string' ? { seed, root, at } : undefined
}

function fieldsOf<Known>(value: unknown): Partial<Record<keyof Known, unknown>> {
  return typeof value === 'object' && value !== null ? value : {}
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
