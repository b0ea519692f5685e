import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MIB, sha256, writeRandom } from '../files.ts'
import { prove } from '../processes.ts'
import type { Stage } from '../stage.ts'

/** Long enough for the first second, in which connections warm up, not to decide. */
const BYTES = 256 * MIB

const GIB = 1024 * MIB

interface Run {
  readonly megabytesPerSecond: number
  /** Processor time of both ends. */
  readonly cpuSecondsPerGiB: number
  /** Of what arrived, how much came by a bulk channel. */
  readonly bulkPercent: number
}

/** What was measured. */
interface SpeedFacts {
  readonly bytes: number
  readonly bulk: Run
  readonly stream: Run
}

/**
 * One file from one process to another, encrypted, verified and on disk; then the same over libp2p streams alone. Speed is
 * told, never required: machines differ.
 */
export async function speedAct(stage: Stage): Promise<Record<string, unknown>> {
  const source = join(stage.directory, 'speed.bin')
  const digest = await writeRandom(source, BYTES)
  const bulk = await run(stage, 'speed-bulk', source, digest, [])
  const stream = await run(stage, 'speed-stream', source, digest, ['--no-bulk'])
  await rm(source)
  prove(bulk.bulkPercent > 50, `most of it came by a bulk channel (${bulk.bulkPercent} %)`)
  prove(stream.bulkPercent === 0, 'the second time nothing did')
  return { bytes: BYTES, bulk, stream } satisfies SpeedFacts
}

export function tellSpeed(facts: Record<string, unknown>): string {
  const { bytes, bulk, stream } = facts as unknown as SpeedFacts
  const of = ({ megabytesPerSecond, cpuSecondsPerGiB }: Run): string =>
    `${megabytesPerSecond} MB/s with ${cpuSecondsPerGiB} s of processor a GiB`
  return `${Math.round(bytes / 1e6)} MB: ${of(bulk)}; over libp2p streams alone ${of(stream)}`
}

async function run(stage: Stage, name: string, source: string, digest: string, flags: string[]): Promise<Run> {
  const directory = join(stage.directory, name)
  await mkdir(directory)
  const sender = stage.processes.start('speed', ['share', source, ...flags])
  const ready = await sender.until('it shared', ({ type }) => type === 'speed.ready')
  const receiver = stage.processes.start('speed', ['get', String(ready['ticket']), directory, ...flags])
  const got = await receiver.until('it had the file', ({ type }) => type === 'speed.got')
  sender.child.kill('SIGTERM')
  const sent = await sender.until('it stopped', ({ type }) => type === 'speed.sent')
  await Promise.all([sender.exited, receiver.exited])

  prove((await sha256(join(directory, 'copy.bin'))) === digest, 'the copy is byte-identical')
  await rm(directory, { recursive: true })
  const cpuSeconds = Number(got['cpuSeconds']) + Number(sent['cpuSeconds'])
  return {
    megabytesPerSecond: Math.round(BYTES / 1e6 / Number(got['seconds'])),
    cpuSecondsPerGiB: Number(((cpuSeconds * GIB) / BYTES).toFixed(1)),
    bulkPercent: Math.round((100 * Number(got['bulkBytes'])) / Number(got['bytesReceived']))
  }
}
