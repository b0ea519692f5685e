import { constants } from 'node:fs'
import type { AbortOptions } from '@libp2p/interface'
import type { LeafMap } from '../leaf-map.ts'
import { Bitfield } from '../swarm/bitfield.ts'
import { closeQuietly, eachLimit, hasErrno, ifThere, onDisk, readFully } from './fs.ts'
import type { StoreFs } from './fs.ts'
import type { JournalState } from './journal.ts'
import { openBelow, placeBelow } from './open-below.ts'

/** Files looked at at once: libuv's pool has four threads. */
const RECOVER_CONCURRENCY = 4

/** Whether `bytes` are leaf `index`. Called with a buffer that is reused afterwards; must not throw. */
export type LeafVerifier = (index: number, bytes: Uint8Array) => boolean | Promise<boolean>

/** What is really on the disk of what a journal says. */
export interface Recovered {
  readonly held: Bitfield
  /** Named by the journal, but missing or wrong. */
  readonly dropped: readonly number[]
  /** Files with leaves that were hashed just now: right, but perhaps not on the disk yet. */
  readonly rechecked: ReadonlySet<number>
}

/** Options of `recover`. */
export interface RecoverOptions extends AbortOptions {
  readonly fs: StoreFs
  readonly verify: LeafVerifier
}

/**
 * Compare what a journal says with the files. Trusted leaves of a file that has its size are believed; all others are
 * read and hashed. `root` is the real path of the content, which need not exist.
 */
export async function recover(
  map: LeafMap,
  root: string,
  { trusted, unverified }: Pick<JournalState, 'trusted' | 'unverified'>,
  { fs, verify, signal }: RecoverOptions
): Promise<Recovered> {
  const held = new Bitfield(map.leafCount)
  const dropped: number[] = []
  const rechecked = new Set<number>()
  await eachLimit(map.files.keys(), RECOVER_CONCURRENCY, async (file) => {
    signal?.throwIfAborted()
    const { believed, doubted } = await sortLeaves(file)
    for (const index of believed) {
      held.set(index)
    }
    if (doubted.length === 0) {
      return
    }
    const right = await readBack(map, root, doubted, { fs, verify, ...(signal && { signal }) })
    for (const index of doubted) {
      if (right.has(index)) {
        held.set(index)
        rechecked.add(file)
      } else {
        dropped.push(index)
      }
    }
  })
  return { held, dropped, rechecked }

  async function sortLeaves(file: number): Promise<{ believed: number[]; doubted: number[] }> {
    const entry = map.files[file]
    const believed: number[] = []
    const doubted: number[] = []
    if (entry !== undefined) {
      for (let index = entry.firstLeaf; index < entry.firstLeaf + entry.leafCount; index++) {
        if (trusted.has(index)) {
          believed.push(index)
        } else if (unverified.has(index)) {
          doubted.push(index)
        }
      }
    }
    if (entry === undefined || believed.length === 0) {
      return { believed, doubted }
    }
    const place = placeBelow(root, entry.path)
    const stats = await onDisk(place, async () => ifThereAtAll(async () => fs.lstat(place)))
    const whole = stats?.isFile() === true && stats.size === entry.bytes
    return whole ? { believed, doubted } : { believed: [], doubted: [...believed, ...doubted] }
  }
}

/** Which of some leaves of one file are on the disk with the right bytes. */
export async function readBack(
  map: LeafMap,
  root: string,
  indices: readonly number[],
  { fs, verify, signal }: RecoverOptions
): Promise<ReadonlySet<number>> {
  const right = new Set<number>()
  const [first] = indices
  if (first === undefined) {
    return right
  }
  const path = map.files[map.position(first).file]?.path ?? ''
  await ifThereAtAll(async () => {
    const handle = await openBelow(fs, root, path, constants.O_RDONLY)
    try {
      let buffer = new Uint8Array()
      for (const index of indices) {
        signal?.throwIfAborted()
        const length = map.leafBytes(index)
        buffer = buffer.byteLength < length ? new Uint8Array(length) : buffer
        const leaf = buffer.subarray(0, length)
        const bytesRead = await onDisk(placeBelow(root, path), async () =>
          readFully(handle, leaf, map.position(index).offset)
        )
        if (bytesRead === length && (await verify(index, leaf))) {
          right.add(index)
        }
      }
    } finally {
      await closeQuietly(handle)
    }
  })
  return right
}

/** `undefined` also when there is something else on the way: a link, a file for a directory. */
async function ifThereAtAll<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ifThere(action)
  } catch (error) {
    if (hasErrno(error, 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENXIO')) {
      return undefined
    }
    throw error
  }
}
