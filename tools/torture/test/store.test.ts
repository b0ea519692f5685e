import { beforeAll, expect, test, vi } from 'vitest'
import { memoryFs } from '../src/disk/memory-fs.ts'
import { Volume } from '../src/disk/volume.ts'
import { nothingPromised, TortureDownload } from '../src/download.ts'
import { parseFault } from '../src/faults/harness.ts'
import { countCalls, runFault } from '../src/faults/run.ts'
import { runPowerLoss } from '../src/powerloss/run.ts'
import { makeShares } from '../src/share.ts'
import type { MadeShare } from '../src/share.ts'

// a second of computing, and a machine may be busy
vi.setConfig({ testTimeout: 60_000 })

let shares: MadeShare[] = []
beforeAll(async () => {
  shares = await makeShares()
})

test('the store keeps its word over power cuts, and a seed gives the same run again', async () => {
  const seeds = [1, 2, 3, 4, 5, 6]
  const results = await Promise.all(seeds.map(async (seed) => runPowerLoss(seed, shares)))
  expect(results.filter(({ violation }) => violation !== undefined)).toEqual([])
  expect(await runPowerLoss(3, shares)).toEqual(results[2])
})

test('the store gets over a fault of the disk at any call', async () => {
  for (const share of shares) {
    const calls = await countCalls(share)
    for (const way of ['once', 'spell', 'gone'] as const) {
      const nth = Math.floor(calls / 2)
      expect(await runFault(share, { nth, errno: 'EIO', way })).not.toHaveProperty('violation')
    }
  }
})

test('a promise that is broken is seen', async () => {
  const share = shares.find(({ name }) => name === 'one file')!
  const volume = new Volume('loose')
  volume.make('/w', 'directory', 'mkdir')
  volume.make('/w/home', 'directory', 'mkdir')
  const { fs } = memoryFs(volume, () => undefined)
  const places = { target: '/w/target', home: '/w/home', now: () => 0, checkpointBytes: 1, maxOpenFiles: 2 }
  const promised = nothingPromised()
  const download = new TortureDownload({ share, fs, ...places }, promised)
  await download.open()
  promised.durable.add(3)
  await expect(download.judge(false)).rejects.toMatchObject({ message: 'leaf 3 was on the disk and is lost' })
  await download.write(3)
  await download.judge(false)
  volume.find('/w/target.p2pshare-part/content')?.data?.flip(3 * share.map.leafBytes(0))
  await expect(download.readHeld()).rejects.toMatchObject({ message: 'leaf 3 is held and wrong' })
  await download.close()
})

test('a fault is read from the line that repeats it', () => {
  expect(parseFault('a-directory:once:EIO:12', shares)).toMatchObject({
    share: { name: 'a directory' },
    fault: { way: 'once', errno: 'EIO', nth: 12 }
  })
  expect(parseFault('a-directory:never:EIO:12', shares)).toBeUndefined()
})
