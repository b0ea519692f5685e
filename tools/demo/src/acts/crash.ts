import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MIB, sha256, writeRandom } from '../files.ts'
import { prove } from '../processes.ts'
import type { JsonLine, Running } from '../processes.ts'
import { copyOf, get, isDone, share } from '../stage.ts'
import type { Stage } from '../stage.ts'

const KILLS = 4

/** One fewer says as much, and a slow machine may be through before the last one. */
const MIN_KILLS = 3

/** What may be under way when a process is killed. */
const MAX_AGAIN_BYTES = 16 * MIB

/** The seeder needs this long to send it once, so that a process is there to be killed. */
const SECONDS = 4

/** Longer than a seeder takes to say what it sent. */
const SETTLED_MS = 700

/** kill -9 at random moments of a download, the same command again each time: nothing verified is lost, little is sent twice. */
export async function crashAct(stage: Stage): Promise<Record<string, unknown>> {
  const bytes = Math.ceil(stage.bytes / 2)
  const source = join(stage.directory, 'crash.bin')
  const digest = await writeRandom(source, bytes)
  const seeder = await share(stage, 'slow', source, '--limit-up', String(Math.ceil(bytes / SECONDS)))
  const start = (): Running => get(stage, 'crash', String(seeder.ready['ticket']))
  const killedAt: number[] = []
  let mostDone = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const at = (bytes * (kill + randomInt(20, 80) / 100)) / (KILLS + 1)
    const process = start()
    const map = await process.until('it knew what it had', (line) => line.type === 'transfer.map')
    prove(Number(map['bytesHave']) >= mostDone, `${Number(map['bytesHave'])} of ${mostDone} verified bytes are left`)
    await process.until('it was under way', (line) => isDone(line) || Number(line['bytesDone']) >= at)
    await sleep(randomInt(100))
    process.child.kill('SIGKILL')
    const { signal } = await process.exited
    mostDone = Math.max(mostDone, ...process.lines.map(doneIn))
    if (signal === 'SIGKILL' && !process.lines.some(isDone)) {
      killedAt.push(mostDone)
    }
  }
  prove(killedAt.length >= MIN_KILLS, `${killedAt.length} processes were killed while they were fetching`)

  const last = start()
  const map = await last.until('it knew what it had', (line) => line.type === 'transfer.map')
  const done = await last.until('it had the file', isDone)
  prove(done['ok'] === true, 'the last run has the file')
  prove(Number(map['bytesHave']) >= mostDone, `${Number(map['bytesHave'])} of ${mostDone} verified bytes are left`)
  prove((await sha256(copyOf(stage, 'crash'))) === digest, 'the copy is byte-identical')
  const again = (await settled(seeder.process)) - bytes
  seeder.process.child.kill('SIGTERM')
  await seeder.process.exited
  prove(
    again <= killedAt.length * MAX_AGAIN_BYTES,
    `${again} bytes were sent again after ${killedAt.length} kills, at most 16 MiB for each`
  )
  return {
    kills: killedAt.length,
    killedAtPercent: killedAt.map((done) => Math.round((100 * done) / bytes)),
    sentAgainMiBPerKill: Number((Math.max(0, again) / killedAt.length / MIB).toFixed(1))
  }
}

/** What was proved, in one line. */
export function tellCrash(facts: Record<string, unknown>): string {
  return (
    `${String(facts['kills'])} x kill -9, at ${(facts['killedAtPercent'] as number[]).join(', ')} %: no verified byte lost, the copy is ` +
    `right, ${String(facts['sentAgainMiBPerKill'])} MiB sent again for each kill (what was under way)`
  )
}

function doneIn(line: JsonLine): number {
  return Number(line['bytesDone'] ?? 0)
}

/** Bytes that a seeder says it sent. */
function sentBy({ lines }: Running): number {
  return Number(lines.findLast((line) => line.type === 'share.progress')?.['bytesSent'] ?? 0)
}

/** The same when it has said all. */
async function settled(seeder: Running): Promise<number> {
  for (let before = -1; ;) {
    const sent = sentBy(seeder)
    if (sent === before) {
      return sent
    }
    before = sent
    await sleep(SETTLED_MS)
  }
}
