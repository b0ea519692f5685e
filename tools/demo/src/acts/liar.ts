import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MIB, forge, setForgedTime, sha256 } from '../files.ts'
import { prove } from '../processes.ts'
import type { JsonLine } from '../processes.ts'
import { copyOf, get, isDone, share } from '../stage.ts'
import type { Stage } from '../stage.ts'

/** With the stage's own seeder there are five, and two of them lie. */
const HONEST = 2
const LIARS = 2

/** A liar costs three leaves of its own, and those that it sends together with others when it is found out. */
const MAX_WASTED_LEAVES = 6

/** The download takes this long, so that everybody is asked for some of it. */
const SECONDS = 3

interface Source {
  readonly peer: string
  readonly bytes: number
  readonly wasted: { readonly corrupt: number }
}

/** Two of five seeders have other bytes on their disks than they announced: they are found out, named and banned. */
export async function liarAct(stage: Stage): Promise<Record<string, unknown>> {
  const path = join(stage.directory, 'liar.bin')
  await copyFile(stage.source, path)
  await setForgedTime(path)
  const names = [
    ...Array.from({ length: LIARS }, (_, index) => ({ name: `liar-${index + 1}`, path })),
    ...Array.from({ length: HONEST }, (_, index) => ({ name: `honest-${index + 1}`, path: stage.source }))
  ]
  const seeders = await Promise.all(names.map(async (each) => share(stage, each.name, each.path)))
  const liars = seeders.slice(0, LIARS).map(({ ready }) => String(ready['peerId']))
  prove(
    seeders.every(({ ready }) => ready['cid'] === stage.seeder['cid']),
    'the same bytes have the same content id'
  )
  await forge(path)

  // the ticket names a liar; all others are found through the DHT
  const limit = ['--limit-down', String(Math.ceil(stage.bytes / SECONDS))]
  const victim = get(stage, 'victim', String(seeders[0]?.ready['ticket']), ...limit)
  const done = await victim.until('it had the file', isDone)
  for (const { process } of seeders) {
    process.child.kill('SIGTERM')
  }
  await Promise.all(seeders.map(async ({ process }) => process.exited))

  prove(done['ok'] === true, 'the victim has the file')
  prove((await sha256(copyOf(stage, 'victim'))) === stage.digest, 'the copy is byte-identical')
  return { seeders: HONEST + LIARS + 1, liars: LIARS, ...judged(done, victim.lines, liars, stage.bytes) }
}

/** Who was caught, and what all of them cost; fails unless it is liars, and nobody else. */
function judged(
  done: JsonLine,
  lines: readonly JsonLine[],
  liars: readonly string[],
  bytes: number
): Record<string, unknown> {
  const sources = done['sources'] as Source[]
  const banned = lines.filter((line) => line['state'] === 'dropped').map((line) => String(line['peer']))
  prove(banned.length > 0, 'a liar was caught')
  const honest = banned.filter((peer) => !liars.includes(peer))
  prove(honest.length === 0, `nobody but liars was banned: ${honest.join(', ')}`)
  // of a leaf that several have sent, all that is thrown away counts
  const wasted = sources.reduce((sum, source) => sum + source.wasted.corrupt, 0)
  prove(wasted <= LIARS * MAX_WASTED_LEAVES * MIB, `${wasted} bytes were wasted on ${LIARS} liars`)
  return { banned, wastedPercent: Number(((100 * wasted) / bytes).toFixed(1)) }
}

/** What was proved, in one line. */
export function tellLiar(facts: Record<string, unknown>): string {
  const banned = facts['banned'] as string[]
  return (
    `${banned.length} of ${String(facts['liars'])} liars among ${String(facts['seeders'])} seeders were asked, found out and banned (${banned.map((peer) => peer.slice(-6)).join(', ')}); ` +
    `the copy is right, ${String(facts['wastedPercent'])} % of the size was wasted on them`
  )
}
