import { mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { seededRandom } from '@p2pshare/testkit'
import { openDownloadStore, partialPath, partialPaths } from '@p2pshare/transfer/store'
import { makeShare } from '../share.ts'
import type { MadeShare } from '../share.ts'

export interface RaceResult {
  /** Files that were written, made or removed while their directory was swapped. */
  readonly races: number
  /** Of these, how many the store refused: the swap was seen. */
  readonly refused: number
  readonly swaps: number
  readonly escapes: readonly string[]
}

/** Files of one download, each of them a race. */
const FILES = 100

/** Swaps between two states, as fast as it can, until it is told to stop. */
const SWAPPER = `
const { renameSync, symlinkSync, unlinkSync } = require('node:fs')
const { workerData } = require('node:worker_threads')
const { sub, outside, state } = workerData
const quietly = (action) => { try { action() } catch {} }
while (Atomics.load(state, 0) === 0) {
  quietly(() => renameSync(sub, sub + '.real'))
  quietly(() => symlinkSync(outside, sub))
  Atomics.add(state, 1, 1)
  quietly(() => unlinkSync(sub))
  quietly(() => renameSync(sub + '.real', sub))
}
`

/** Downloads whose directories become links to elsewhere and back, again and again, while files are made in them. */
export async function raceSymlinks(seed: string, races: number): Promise<RaceResult> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'p2pshare-race-')))
  const total = { races: 0, refused: 0, swaps: 0, escapes: [] as string[] }
  try {
    const sizes = Object.fromEntries(Array.from({ length: FILES }, (_, at) => [`sub/deep/f${at}`, 40 + at]))
    const share = await makeShare(join(directory, 'source'), 'race', sizes)
    for (let round = 0; total.races < races; round++) {
      const result = await raceOnce(join(directory, `${round}`), share, `${seed}/${round}`)
      total.races += FILES
      total.refused += result.refused
      total.swaps += result.swaps
      total.escapes.push(...result.escapes)
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  return total
}

async function raceOnce(
  directory: string,
  share: MadeShare,
  seed: string
): Promise<{ refused: number; swaps: number; escapes: string[] }> {
  const target = join(directory, 'target')
  const outside = join(directory, 'outside')
  await mkdir(join(outside, 'deep'), { recursive: true })
  await writeFile(join(outside, 'deep', 'f0'), 'precious')
  const random = seededRandom(seed)
  // half of the files are not wanted at the end: what a former run left of them is removed, in the race as well
  const wanted = new Set([...share.map.files.keys()].filter(() => random.int(2) === 0))
  const open = async (files?: ReadonlySet<number>) =>
    openDownloadStore(share.map, {
      target,
      partial: partialPath(target),
      verify: (index, bytes) => share.verify(index, bytes),
      maxOpenFiles: 1,
      ...(files && { files })
    })
  let store = await open()
  await writeAll(store, share, [0])
  const state = new Int32Array(new SharedArrayBuffer(8))
  const sub = join(partialPaths(partialPath(target)).content, 'sub')
  const swapper = new Worker(SWAPPER, { eval: true, workerData: { sub, outside, state } })
  const ended = new Promise((resolve) => swapper.once('exit', resolve))
  let refused = await writeAll(store, share, random.shuffle([...share.leaves.keys()]))
  await store.close()
  store = await open(wanted)
  refused += await writeAll(store, share, share.leaves.keys())
  // it may find the directory away at any step; what counts is what it does not touch
  await store.complete().catch(() => refused++)
  Atomics.store(state, 0, 1)
  await ended
  await store.close()
  const found = await readdir(outside, { recursive: true })
  const precious = await readFile(join(outside, 'deep', 'f0'), 'utf8').catch(() => 'gone')
  const escapes = [
    ...found.filter((name) => name !== 'deep' && name !== join('deep', 'f0')).map((name) => `${seed}: made ${name}`),
    ...(precious === 'precious' ? [] : [`${seed}: changed a file outside`])
  ]
  await rm(directory, { recursive: true, force: true })
  return { refused, swaps: state[1] ?? 0, escapes }
}

/** How many leaves the store refused to write. */
async function writeAll(
  store: Awaited<ReturnType<typeof openDownloadStore>>,
  share: MadeShare,
  leaves: Iterable<number>
): Promise<number> {
  let refused = 0
  for (const leaf of leaves) {
    await store.write(leaf, share.leaves[leaf] ?? new Uint8Array()).catch(() => refused++)
  }
  return refused
}
