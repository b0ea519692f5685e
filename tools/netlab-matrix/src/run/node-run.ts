import { RunError } from '../errors.ts'
import { lastPath } from '../observe.ts'
import type { JsonLine } from '../observe.ts'
import type { Pair } from '../pairs.ts'
import type { RunResult } from '../results.ts'
import type { Program } from './program.ts'
import type { Run, Stage } from './stage.ts'
import { mostWaitedMs } from './processor.ts'

/** As long as one attempt to punch may take, and a second one after the pause. */
const DECIDED_MS = 16_000
/** A punch that failed, since too little was known yet of the NATs, is tried again in this time. */
const AGAIN_MS = 4_000
/** The event of a punch comes a moment after the path changed. */
const EVENT_MS = 300

/** Two nodes that only meet: many runs in little time. Never throws for what a node did: that is a result. */
export async function runNodes(stage: Stage, pair: Pair): Promise<RunResult> {
  try {
    await using run = await stage.begin(pair)
    const done = await run.measure()
    try {
      return await meet(run)
    } finally {
      done()
    }
  } catch (error) {
    if (error instanceof RunError) {
      return { connected: false, path: 'none', error: error.message }
    }
    throw error
  }
}

async function meet(run: Run): Promise<RunResult> {
  const { a, b } = run
  const before = await run.waitedMs()
  b.tell({ do: 'meet', id: a.id, addresses: a.addresses })
  await b.program.says('peer.met', DECIDED_MS)
  await b.program.until(isDecided, DECIDED_MS)
  if (!isDirect(b.program)) {
    await b.program.until(isDirect, AGAIN_MS)
  }
  await b.program.until(isTold, EVENT_MS)
  debug([a.program, b.program])
  return { ...resultOf(b.program), waitedMs: mostWaitedMs(before, await run.waitedMs()) }
}

/** Of all that is going to come. Where an address could be dialled there is no punch to tell of. */
function isTold({ lines }: Program): boolean {
  return (
    lines.some(({ type }) => type === 'peer.punched') ||
    (lines.some(({ type }) => type === 'peer.answered') &&
      lines.find(({ type }) => type === 'peer.met')?.['began'] === 'direct')
  )
}

function debug(programs: readonly Program[]): void {
  if (process.env['MATRIX_DEBUG'] !== undefined) {
    for (const program of programs) {
      process.stderr.write(`--- ${program.name}\n${program.log.join('\n')}\n`)
    }
  }
}

/** Direct, or punched in vain: the next attempt comes after a pause, or when more is known. */
function isDecided(peer: Program): boolean {
  return isDirect(peer) || peer.lines.some(({ type }) => type === 'peer.failed')
}

function isDirect({ lines }: Program): boolean {
  return lastPath(lines) === 'direct' && lines.some(({ type }) => type === 'peer.met' || type === 'peer.punched')
}

/** What became of the two, by what the end that dialled said. */
export function resultOf(peer: Pick<Program, 'lines'>): RunResult {
  const met = peer.lines.find(({ type }) => type === 'peer.met')
  const punch = peer.lines.find(({ type }) => type === 'peer.punched')
  const answered = peer.lines.find(({ type }) => type === 'peer.answered')
  const failed = peer.lines.findLast(({ type }) => type === 'peer.failed')
  const path = lastPath(peer.lines)
  return {
    connected: true,
    path,
    ...(path === 'direct' && { way: punch === undefined ? 'dial' : String(punch['strategy']) }),
    ...(punch && { directMs: Number(punch['tookMs']) }),
    ...(met && { began: met['began'] === 'relay' ? 'relay' : 'direct', ...timeOf('metMs', met) }),
    ...(answered && timeOf('firstByteMs', answered)),
    ...(path !== 'direct' && failed && { error: String(failed['error']) })
  }
}

/** Where the two had a connection before they were told to meet, nothing took any time. */
function timeOf(name: 'metMs' | 'firstByteMs', { tookMs }: JsonLine): Partial<Pick<RunResult, typeof name>> {
  return typeof tookMs === 'number' ? { [name]: tookMs } : {}
}
