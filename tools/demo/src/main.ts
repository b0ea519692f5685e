// npm run demo [-- --ci] [-- --size 96]: the main job, for real, on loopback. Ends by itself; exits 1 if an act fails, 130
// if somebody ended it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { stopSignal } from '@p2pshare/netlab'
import { crashAct, tellCrash } from './acts/crash.ts'
import { liarAct, tellLiar } from './acts/liar.ts'
import { natAct, tellNat } from './acts/nat.ts'
import { speedAct, tellSpeed } from './acts/speed.ts'
import { swarmAct } from './acts/swarm.ts'
import { MIB } from './files.ts'
import { setStage } from './stage.ts'
import type { Stage } from './stage.ts'

const { values } = parseArgs({
  options: { ci: { type: 'boolean', default: false }, size: { type: 'string', default: '96' } }
})
const plain = values.ci || !process.stdout.isTTY

interface Act {
  readonly name: string
  readonly title: string
  play(stage: Stage): Promise<Record<string, unknown>>
  /** What was proved, in one line, from the numbers that were measured. */
  tell(facts: Record<string, unknown>): string
}

const ACTS: readonly Act[] = [
  {
    name: 'swarm',
    title: 'Swarm   4 leechers fetch one file by content id, found through the DHT alone',
    play: swarmAct,
    tell: (facts) =>
      `all 4 copies verified in ${String(facts['seconds'])} s (${String(facts['totalMBps'])} MB/s together): ` +
      `the seeder sent ${String(facts['seederCopies'])} copies, the leechers the other ${String(facts['leecherCopies'])}`
  },
  {
    name: 'crash',
    title: 'Crash   kill -9 of a leecher at random moments, the same command again each time',
    play: crashAct,
    tell: tellCrash
  },
  {
    name: 'liar',
    title: 'Liar    two of five seeders serve wrong bytes',
    play: liarAct,
    tell: tellLiar
  },
  {
    name: 'speed',
    title: 'Speed   one file between two processes, encrypted, verified and on disk',
    play: speedAct,
    tell: tellSpeed
  },
  {
    name: 'nat',
    title:
      'NAT     two ends behind NATs that let nobody in, with an internet between them (a lab of network namespaces)',
    play: natAct,
    tell: tellNat
  }
]

/** As a shell has it for what Ctrl-C ended. */
const EXIT_STOPPED = 130

const signal = stopSignal()
const started = performance.now()
const directory = await mkdtemp(join(tmpdir(), 'p2pshare-demo-'))
const summary: Record<string, unknown> = { v: 1, type: 'demo.done', ok: false }
let stage: Stage | undefined
try {
  stage = await setStage(directory, Number(values.size) * MIB, signal)
  console.log(`p2pshare demo: ${values.size} MiB of random bytes, content id ${String(stage.seeder['cid'])}`)
  console.log('one node-server, one seeder, everybody a process of its own, TCP on loopback\n')
  for (const [index, act] of ACTS.entries()) {
    signal.throwIfAborted()
    console.log(`${index + 1} ${act.title}`)
    const facts = await act.play(stage)
    summary[act.name] = facts
    console.log(`  ${paint('green', 'ok')}  ${act.tell(facts)}\n`)
  }
  summary['ok'] = true
  console.log('Try next:  npx p2pshare share README.md     and on the other side:  npx p2pshare get <ticket>')
} catch (error) {
  const why = error instanceof Error ? error.message : String(error)
  // what an act says whose processes were ended is no failure of its own
  summary['error'] = signal.aborted ? 'it was stopped' : why
  console.error(`  ${paint('red', 'failed')}  ${String(summary['error'])}`)
  process.exitCode = signal.aborted ? EXIT_STOPPED : 1
} finally {
  await stage?.processes.stop()
  await rm(directory, { recursive: true, force: true })
}
summary['seconds'] = Number(((performance.now() - started) / 1000).toFixed(1))
if (values.ci) {
  console.log(JSON.stringify(summary))
}

function paint(color: 'green' | 'red', text: string): string {
  return plain ? text : styleText(color, text)
}
