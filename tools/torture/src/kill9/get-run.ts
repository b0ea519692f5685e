import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createNode } from '@p2pshare/core'
import type { Random } from '@p2pshare/testkit'
import { must } from '../errors.ts'
import { live } from './life.ts'
import type { Tally } from './tally.ts'

const MIB = 1024 * 1024

/** What may be under way when a process is killed. */
export const MAX_AGAIN_BYTES = 16 * MIB

/** Slow enough that a process is killed in the middle of it. */
const UPLOAD_BYTES_PER_SECOND = 24 * MIB

/** A share of 1 MiB leaves that is got over a real connection, process after process, each killed but the last. */
export async function runGet(directory: string, _seed: string, random: Random, tally: Tally): Promise<void> {
  const source = join(directory, 'source.bin')
  const bytes = Buffer.from(random.bytes((12 + random.int(12)) * MIB + random.int(MIB)))
  await writeFile(source, bytes)
  const listen = ['/ip4/127.0.0.1/tcp/0']
  const seeder = await createNode({ listen, mdns: false, uploadBytesPerSecond: UPLOAD_BYTES_PER_SECOND })
  try {
    const { ticket } = await seeder.share(source, { announce: false })
    const kills = 1 + random.int(4)
    let kept = 0
    let before = { sent: 0, held: 0 }
    let killsSince = 0
    for (let life = 0; ; life++) {
      const sentBefore = seeder.shares()[0]?.bytesSent ?? 0
      const kill = life < kills ? { lines: 2 + random.int(8), delayMs: random.int(60) } : undefined
      const { lines, wasKilled } = await live('./get-life.ts', [ticket, directory, join(directory, 'home')], kill)
      const held = Number(lines.find((line) => line.startsWith('held'))?.split(' ')[1] ?? NaN)
      if (!Number.isNaN(held)) {
        must(
          held >= Math.min(bytes.byteLength, (kept - 1) * MIB),
          `${kept} leaves were kept, ${held / MIB} MiB are left`
        )
        // what was sent since a process last said what it has, and is not here
        const again = sentBefore - before.sent - (held - before.held)
        must(again <= killsSince * MAX_AGAIN_BYTES, `${again} bytes are fetched again after ${killsSince} kills`)
        tally.again(again / Math.max(1, killsSince))
        before = { sent: sentBefore, held }
        killsSince = 0
      }
      kept = Math.max(kept, ...lines.map(Number).filter((count) => Number.isInteger(count)))
      if (!wasKilled) {
        break
      }
      tally.kills++
      killsSince++
    }
    must((await readFile(join(directory, 'target'))).equals(bytes), 'the file is corrupt')
  } finally {
    await seeder.stop()
  }
}
