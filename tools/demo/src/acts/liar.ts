import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { forge, setForgedTime, sha256 } from '../files.ts'
import { prove } from '../processes.ts'
import { copyOf, get, isDone, share } from '../stage.ts'
import type { Stage } from '../stage.ts'

/** A second seeder whose disk holds other bytes than it announced: it is found out, dropped, and the copy is right. */
export async function liarAct(stage: Stage): Promise<Record<string, unknown>> {
  const path = join(stage.directory, 'liar.bin')
  await copyFile(stage.source, path)
  await setForgedTime(path)
  const liar = await share(stage, 'liar', path)
  prove(liar['cid'] === stage.seeder['cid'], 'the same bytes have the same content id')
  await forge(path)

  // the ticket names the liar alone; the honest seeder is found through the DHT
  const victim = get(stage, 'victim', String(liar['ticket']))
  const done = await victim.until('it had the file', isDone)
  const dropped = victim.lines.filter((line) => line.type === 'transfer.peer' && line['state'] === 'dropped')

  prove(done['ok'] === true, 'the victim has the file')
  prove(dropped.length === 1 && dropped[0]?.['peer'] === liar['peerId'], 'the liar was dropped, and nobody else')
  prove((await sha256(copyOf(stage, 'victim'))) === stage.digest, 'the copy is byte-identical')
  const wasted = Number(done['bytesReceived']) - stage.bytes
  return { dropped: String(liar['peerId']), wastedPercent: Number(((100 * wasted) / stage.bytes).toFixed(1)) }
}
