import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDownloadStore } from '../../src/store/download-store.ts'
import { eachLimit } from '../../src/store/fs.ts'
import { partialPath } from '../../src/store/partial.ts'
import { bytesOf, fakeShare } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'

/** 20,000 is the figure of interest; the suite has fewer so as to stay quick. */
const FILES = Number(process.env['P2PSHARE_SMALL_FILES'] ?? 500)
const WRITERS = 16
const KIB = 1024

const tempDir = useTempDir()

it(`${FILES} files of 1 to 64 KiB arrive`, { timeout: 300_000 }, async () => {
  const pool = bytesOf('pool', 64 * KIB + FILES)
  const files = Array.from({ length: FILES }, (_, nth) => {
    const size = (1 + ((nth * 37) % 64)) * KIB
    return [`d${nth % 97}/e${nth % 13}/f${nth}`, pool.subarray(nth, nth + size)] as const
  })
  const share = fakeShare(Object.fromEntries(files), { leafBytes: 1024 * KIB })
  const target = join(await tempDir(), 'target')
  const started = performance.now()
  const store = await openDownloadStore(share.map, { target, partial: partialPath(target), verify: share.verify })
  await eachLimit(share.leaves.entries(), WRITERS, async ([index, leaf]) => store.write(index, leaf))
  const written = performance.now()
  await store.complete()
  const completed = performance.now()
  await store.close()
  const rate = (bytes: number, ms: number): string => `${Math.round(bytes / 1e3 / ms)} MB/s`
  console.log(
    `${FILES} files, ${Math.round(share.map.totalBytes / 1e6)} MB: written in ${Math.round(written - started)} ms, ` +
      `completed ${Math.round(completed - written)} ms later, ${rate(share.map.totalBytes, completed - started)}`
  )
  for (const [path, bytes] of files.filter((_, nth) => nth % 101 === 0)) {
    expect(Buffer.compare(await readFile(join(target, path)), bytes)).toBe(0)
  }
})
