// npm run bench:transfer [-- --size 1024 --runs 5 --json]: one file between two processes on loopback, side by side.
import { createHash, randomFillSync } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runPair } from './pair.ts'
import type { PairResult } from './pair.ts'
import { printTable } from './table.ts'

const MIB = 1024 * 1024
const PEERS = ['p2pshare', 'libp2p', 'tls'] as const
const TIMEOUT_MS = 300_000

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '1024' },
    runs: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false }
  }
})
const bytes = Number(values.size) * MIB
const runs = Number(values.runs)
const directory = await mkdtemp(join(tmpdir(), 'p2pshare-bench-'))
try {
  const source = join(directory, 'source.bin')
  // memory that a virtual machine never used is slow the first time: touch it before anything is measured
  await writeRandom(join(directory, 'touch'), bytes)
  await rm(join(directory, 'touch'))
  const digest = await writeRandom(source, bytes)
  const results: Record<(typeof PEERS)[number], PairResult[]> = { p2pshare: [], libp2p: [], tls: [] }
  for (let run = 0; run < runs; run++) {
    for (const peer of PEERS) {
      const target = join(directory, `copy-${peer}`)
      const script = new URL(`./peers/${peer}.ts`, import.meta.url).pathname
      const result = await runPair({ script, source, target, bytes, timeoutMs: TIMEOUT_MS })
      if ((await sha256(target)) !== digest) {
        throw new TypeError(`${peer}: the copy differs from the source`)
      }
      await rm(target)
      results[peer].push(result)
      process.stderr.write(`${peer} ${run + 1}/${runs}: ${(bytes / 1e6 / result.seconds).toFixed(0)} MB/s\n`)
    }
  }
  printTable(bytes, results, values.json)
} finally {
  await rm(directory, { recursive: true, force: true })
}

/** Returns the SHA-256 of what was written, as hex. */
async function writeRandom(path: string, size: number): Promise<string> {
  const file = await open(path, 'w')
  const hash = createHash('sha256')
  const block = Buffer.allocUnsafe(4 * MIB)
  for (let at = 0; at < size; at += block.byteLength) {
    const part = randomFillSync(block.subarray(0, Math.min(block.byteLength, size - at)))
    hash.update(part)
    await file.write(part)
  }
  await file.close()
  return hash.digest('hex')
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: MIB })) {
    hash.update(chunk as Buffer)
  }
  return hash.digest('hex')
}
