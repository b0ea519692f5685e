import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Random } from '@p2pshare/testkit'
import { must } from '../errors.ts'
import { makeKill9Share } from './kill9-share.ts'
import { live } from './life.ts'
import type { Tally } from './tally.ts'

/** Leaves that were kept, process after process, each killed but the last. */
export async function runStore(directory: string, seed: string, random: Random, tally: Tally): Promise<void> {
  const kept = new Set<number>()
  const kills = 1 + random.int(5)
  for (let life = 0; ; life++) {
    const kill = life < kills ? { lines: 1 + random.int(14), delayMs: random.int(12) } : undefined
    const { lines, wasKilled } = await live('./store-life.ts', [directory, seed], kill)
    const held = lines.find((line) => line.startsWith('held'))
    if (held !== undefined) {
      const found = new Set(held.split(' ').slice(1).filter(Boolean).map(Number))
      for (const index of kept) {
        must(found.has(index), `leaf ${index} was kept and is lost`)
      }
      found.forEach((index) => kept.add(index))
    }
    const written = lines.map(Number).filter((index) => Number.isInteger(index))
    const again = written.filter((index) => kept.has(index))
    must(again.length === 0, `leaves ${again.join()} were kept and are written again`)
    must(held !== undefined || written.length === 0, 'written before it was known what is there')
    written.forEach((index) => kept.add(index))
    if (!wasKilled) {
      break
    }
    tally.kills++
  }
  const share = await makeKill9Share(join(directory, 'judge'), seed)
  for (const [index, { path, firstLeaf, leafCount }] of share.map.files.entries()) {
    const bytes = await readFile(path === '' ? join(directory, 'target') : join(directory, 'target', path))
    const expected = Buffer.concat(share.leaves.slice(firstLeaf, firstLeaf + leafCount))
    must(bytes.equals(expected), `file ${index} is corrupt`)
  }
}
