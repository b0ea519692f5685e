import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { isFailedPunch, lastPath, pathsIn, punchLine } from '../observe.ts'
import type { RunResult } from '../results.ts'
import { SHARED_BYTES } from './scene.ts'
import type { Scene } from './scene.ts'
import { Program, binOf } from './program.ts'

const READY_MS = 60_000
/** From the start of `get`: so long after it nothing better is going to come. */
const DECIDED_MS = 15_000
/** A punch that failed, since too little was known yet of the NATs, is tried again in this time. */
const AGAIN_MS = 4_000
/** It is told of a punch a moment after the path changed. */
const EVENT_MS = 300
/** Makes the transfer last long enough to see it move from the relay to the direct connection. */
const LIMIT = '1M'
const LOG = process.env['MATRIX_DEBUG'] === undefined ? {} : { DEBUG: process.env['MATRIX_DEBUG'] }

/** The real programs at both ends. Never throws for what a program did: that is a result. */
export async function runCli(scene: Scene): Promise<RunResult> {
  const { lab, file } = scene
  await using ground = await scene.fresh()
  const { relay, directory: own } = ground
  const bin = binOf('@p2pshare/cli', 'p2pshare')
  const common = ['--json', '--no-mdns', ...relay.addresses.flatMap((address) => ['--bootstrap', address])]
  const running: Program[] = []
  const start = (host: typeof lab.hosts.a, args: readonly string[]): Program => {
    const home = join(own, `home-${host.name}`)
    const program = new Program(host, `p2pshare ${args[0] ?? ''}`, [bin, ...args, '--home', home, ...common], LOG)
    running.push(program)
    return program
  }
  try {
    const share = start(lab.hosts.a, ['share', file])
    const ready = await share.says('share.ready', READY_MS)
    const get = start(lab.hosts.b, [
      'get',
      String(ready['ticket']),
      '-o',
      own,
      '--name',
      'copy.bin',
      '--seed',
      '--limit-down',
      LIMIT
    ])
    await get.until(isDecided, DECIDED_MS)
    if (!isDirect(get)) {
      await get.until(isDirect, AGAIN_MS)
    }
    await get.until((program) => lastPath(program.lines) !== 'direct' || punched(program) !== undefined, EVENT_MS)
    const result = resultOf(get)
    const same = result.connected && (await sha256(join(own, 'copy.bin'))) === (await sha256(file))
    return result.connected && !same ? { ...result, connected: false, error: 'the copy is not the original' } : result
  } catch (error) {
    return { connected: false, path: 'none', error: error instanceof Error ? error.message : String(error) }
  } finally {
    await Promise.all(running.map(async (program) => program.stop()))
    if (process.env['MATRIX_DEBUG'] !== undefined) {
      for (const program of [relay.program, ...running]) {
        process.stderr.write(`--- ${program.name}\n${program.log.join('\n')}\n`)
      }
    }
  }
}

function isDecided(get: Program): boolean {
  return isDone(get) && (isDirect(get) || get.lines.some(isFailedPunch))
}

function isDirect(get: Program): boolean {
  return lastPath(get.lines) === 'direct'
}

/** What became of `get`, by what it said. */
export function resultOf(get: Pick<Program, 'lines' | 'startedAt'>): RunResult {
  const done = get.lines.find(({ type }) => type === 'transfer.done')
  const ok = done?.['ok'] === true && done['bytes'] === SHARED_BYTES
  const punch = punched(get)
  const path = lastPath(get.lines)
  const first = get.lines.find(({ type }) => type === 'transfer.map')
  return {
    connected: ok,
    began: pathsIn(get.lines)[0] ?? 'none',
    path,
    ...(path === 'direct' && { way: punch?.way ?? 'dial' }),
    ...(punch && { directMs: punch.tookMs }),
    ...(first && { firstByteMs: first.atMs - get.startedAt }),
    ...(ok && { bytes: SHARED_BYTES }),
    ...(!ok && { error: `get: ${why(get)}` })
  }
}

function isDone(get: Program): boolean {
  return get.lines.some(({ type }) => type === 'transfer.done')
}

function punched(get: Pick<Program, 'lines'>): ReturnType<typeof punchLine> {
  return get.lines.map(punchLine).find((line) => line !== undefined)
}

function why(get: Pick<Program, 'lines'>): string {
  const message = get.lines.find(({ type }) => type === 'error')?.['message']
  const last = JSON.stringify(get.lines.at(-1))
  return typeof message === 'string' ? message : `no end after ${DECIDED_MS} ms, last ${last}`
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer)
  }
  return hash.digest('hex')
}
