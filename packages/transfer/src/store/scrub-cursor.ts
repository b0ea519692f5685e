import { join } from 'node:path'
import { readSmallFile, writeFileAtomic } from './atomic-file.ts'
import { ifThere, nodeFs, onDisk } from './fs.ts'

/** A seed, a CID and a number. */
const MAX_CURSOR_BYTES = 512

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

/** What `saveScrubCursor` noted in the directory of a registry; `undefined`: nothing, or nothing of use. */
export async function loadScrubCursor(directory: string): Promise<ScrubCursor | undefined> {
  const bytes = await readSmallFile(nodeFs, join(directory, NAME), MAX_CURSOR_BYTES).catch(() => undefined)
  try {
    return bytes === undefined ? undefined : toCursor(JSON.parse(Buffer.from(bytes).toString()))
  } catch {
    return undefined // a pass begins anew
  }
}

/** Note how far a pass is; `undefined`: it is over. */
export async function saveScrubCursor(directory: string, cursor: ScrubCursor | undefined): Promise<void> {
  const path = join(directory, NAME)
  if (cursor === undefined) {
    await onDisk(path, async () => ifThere(async () => nodeFs.unlink(path)))
  } else {
    await writeFileAtomic(nodeFs, path, Buffer.from(JSON.stringify(cursor)))
  }
}

function toCursor(value: unknown): ScrubCursor | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined
  }
  const { seed, root, at } = value as Partial<Record<keyof ScrubCursor, unknown>>
  const isSound = Number.isSafeInteger(seed) && Number.isSafeInteger(at) && typeof root === 'string'
  return isSound && Number(seed) >= 0 && Number(at) >= 0 ? { seed: Number(seed), root, at: Number(at) } : undefined
}
