import { sha256 } from '../files.ts'
import { prove } from '../processes.ts'
import { copyOf, get, isDone } from '../stage.ts'
import type { Stage } from '../stage.ts'

const LEECHERS = 4

interface Source {
  readonly peer: string
  readonly bytes: number
}

/** Four processes fetch one file by its content id alone; they find it through the DHT and feed each other. */
export async function swarmAct(stage: Stage): Promise<Record<string, unknown>> {
  const started = performance.now()
  const cid = String(stage.seeder['cid'])
  const names = Array.from({ length: LEECHERS }, (_, index) => `leech-${index + 1}`)
  const running = names.map((name) => get(stage, name, cid, '--seed'))
  const done = await Promise.all(running.map((process) => process.until('it had the file', isDone)))
  const seconds = (performance.now() - started) / 1000

  for (const [index, name] of names.entries()) {
    prove(done[index]?.['ok'] === true, `${name} has the file`)
    prove((await sha256(copyOf(stage, name))) === stage.digest, `${name}'s copy is byte-identical`)
  }
  const seederId = String(stage.seeder['peerId'])
  const sources = done.flatMap((line) => line['sources'] as Source[])
  const bySeeder = sources.filter(({ peer }) => peer === seederId).reduce((sum, { bytes }) => sum + bytes, 0)
  const copies = bySeeder / stage.bytes
  prove(copies < LEECHERS * 0.75, `the seeder sent well under ${LEECHERS} copies (${copies.toFixed(2)})`)
  const received = done.reduce((sum, line) => sum + Number(line['bytesReceived']), 0)

  for (const process of running) {
    process.child.kill('SIGTERM')
  }
  await Promise.all(running.map((process) => process.exited))
  return {
    processes: LEECHERS + 2,
    leechers: LEECHERS,
    bytes: stage.bytes,
    seconds: round(seconds),
    totalMBps: round((LEECHERS * stage.bytes) / 1e6 / seconds),
    seederCopies: round(copies),
    leecherCopies: round(LEECHERS - copies),
    overhead: round(received / (LEECHERS * stage.bytes), 4)
  }
}

function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits))
}
