import { fileURLToPath } from 'node:url'
import { lastPath } from '../observe.ts'
import type { RunResult } from '../results.ts'
import { Program } from './program.ts'
import type { Scene } from './scene.ts'

const PEER = fileURLToPath(new URL('../peer.ts', import.meta.url))
const READY_MS = 60_000
/** As long as one attempt to punch may take, and a second one after the pause. */
const DECIDED_MS = 16_000
/** A punch that failed, since too little was known yet of the NATs, is tried again in this time. */
const AGAIN_MS = 4_000
/** The event of a punch comes a moment after the path changed. */
const EVENT_MS = 300
const LOG = process.env['MATRIX_DEBUG'] === undefined ? {} : { DEBUG: process.env['MATRIX_DEBUG'] }

/** Two nodes that only meet: many runs in little time. Never throws for what a node did: that is a result. */
export async function runNodes(scene: Scene): Promise<RunResult> {
  const { lab } = scene
  await using ground = await scene.fresh()
  const { relay } = ground
  const running = [lab.hosts.a, lab.hosts.b].map(
    (host) => new Program(host, 'peer', ['--no-warnings', PEER, ...relay.addresses], LOG)
  )
  try {
    const [a, b] = running
    const [ready] = await Promise.all(running.map(async (peer) => peer.says('peer.ready', READY_MS)))
    if (a === undefined || b === undefined || ready === undefined) {
      return { connected: false, path: 'none' }
    }
    const addresses = (ready['addresses'] as string[]).join(' ')
    b.tell(`${String(ready['id'])} ${addresses}`)
    await b.says('peer.met', DECIDED_MS)
    await b.until(isDecided, DECIDED_MS)
    if (!isDirect(b)) {
      await b.until(isDirect, AGAIN_MS)
    }
    await b.until(({ lines }) => lines.some(({ type }) => type === 'peer.punched'), EVENT_MS)
    return resultOf(b)
  } catch (error) {
    return { connected: false, path: 'none', error: error instanceof Error ? error.message : String(error) }
  } finally {
    await Promise.all(running.map(async (peer) => peer.stop()))
    if (process.env['MATRIX_DEBUG'] !== undefined) {
      for (const program of running) {
        process.stderr.write(`--- ${program.name}\n${program.log.join('\n')}\n`)
      }
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

function resultOf(peer: Program): RunResult {
  const met = peer.lines.find(({ type }) => type === 'peer.met')
  const punch = peer.lines.find(({ type }) => type === 'peer.punched')
  const failed = peer.lines.findLast(({ type }) => type === 'peer.failed')
  const path = punch === undefined ? lastPath(peer.lines) : 'direct'
  return {
    connected: true,
    path,
    ...(path === 'direct' && { way: punch === undefined ? 'dial' : String(punch['strategy']) }),
    ...(punch && { directMs: Number(punch['tookMs']) }),
    ...(met && { firstByteMs: Number(met['tookMs']) }),
    ...(path !== 'direct' && failed && { error: String(failed['error']) })
  }
}
