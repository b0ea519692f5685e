import { spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { LabCommandError } from '../errors.ts'
import { toolEnvironment } from './command.ts'
import type { Argv } from './command.ts'

/** How a program that stays is started. */
export interface ServiceOptions {
  /** Everything it says goes here. */
  readonly log: string
  /** What it says when it is ready. */
  readonly ready: string
  /** Written to its standard input. */
  readonly input?: string
  readonly signal?: AbortSignal | undefined
}

/** Nothing here takes longer to start, but a machine may be busy. */
const START_MS = 20_000
const LOOK_AGAIN_MS = 4

/**
 * Start a program that outlives this process and whose end is not waited for; whoever removes the lab ends it.
 *
 * @throws LabCommandError when it ends before it is ready
 */
export async function startService([program, ...args]: Argv, options: ServiceOptions): Promise<void> {
  options.signal?.throwIfAborted()
  const log = await open(options.log, 'w', 0o600)
  try {
    // a child of ours and no daemon: in a container without an init nobody else would take note of its end
    const child = spawn(program, args, { env: toolEnvironment(), detached: true, stdio: ['pipe', log.fd, log.fd] })
    let ended: number | null | undefined
    child.on('error', () => (ended = null))
    child.on('exit', (exitCode) => (ended = exitCode))
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input ?? '')
    child.unref()
    for (let waitedMs = 0; ; waitedMs += LOOK_AGAIN_MS) {
      const said = await readFile(options.log, 'utf8')
      if (said.includes(options.ready)) {
        return
      }
      if (ended !== undefined || waitedMs > START_MS) {
        throw new LabCommandError([program, ...args].join(' '), { exitCode: ended ?? null, stdout: '', stderr: said })
      }
      await delay(LOOK_AGAIN_MS, undefined, { ...(options.signal && { signal: options.signal }) })
    }
  } finally {
    await log.close()
  }
}
