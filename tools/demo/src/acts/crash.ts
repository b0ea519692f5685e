import { MIB, sha256 } from '../files.ts'
import { prove } from '../processes.ts'
import { copyOf, get, isDone } from '../stage.ts'
import type { Stage } from '../stage.ts'

/** kill -9 in the middle of a download, the same command again: verified leaves are not fetched twice. */
export async function crashAct(stage: Stage): Promise<Record<string, unknown>> {
  const cid = String(stage.seeder['cid'])
  const first = get(stage, 'crash', cid)
  const last = await first.until('it was under way', (line) => {
    const done = Number(line['bytesDone'])
    return line.type === 'transfer.progress' && done > stage.bytes * 0.2 && done < stage.bytes * 0.9
  })
  first.child.kill('SIGKILL')
  await first.exited
  const killedAt = Number(last['bytesDone'])

  const second = get(stage, 'crash', cid)
  const map = await second.until('it knew what it had', (line) => line.type === 'transfer.map')
  const done = await second.until('it had the file', isDone)
  const resumedAt = Number(map['bytesHave'])
  const refetched = resumedAt + Number(done['bytesReceived']) - stage.bytes

  prove(done['ok'] === true, 'the second run has the file')
  prove(resumedAt >= killedAt, `it resumed at ${resumedAt} bytes, killed at ${killedAt}`)
  prove(refetched < MIB, `no verified leaf was fetched again (${refetched} bytes more than needed)`)
  prove((await sha256(copyOf(stage, 'crash'))) === stage.digest, 'the copy is byte-identical')
  return {
    killedAtPercent: Math.round((100 * killedAt) / stage.bytes),
    resumedAtPercent: Math.round((100 * resumedAt) / stage.bytes),
    refetchedLeaves: Math.max(0, Math.floor(refetched / MIB))
  }
}
