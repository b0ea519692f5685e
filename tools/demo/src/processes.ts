import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

/** One line of a command's `--json` output. */
export type JsonLine = Readonly<Record<string, unknown>> & { readonly type: string }

/** A child process that speaks NDJSON on stdout. */
export interface Running {
  readonly child: ChildProcess
  /** Everything it has said so far. */
  readonly lines: readonly JsonLine[]
  /** Resolves with the first line, past or future, that passes. Rejects when the process ends without one. */
  until(what: string, passes: (line: JsonLine) => boolean): Promise<JsonLine>
  /** Resolves when it ended. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

const require = createRequire(import.meta.url)

/** The file behind a package's command, as npm would run it. */
function binOf(packageName: string, command: string): string {
  const path = require.resolve(`${packageName}/package.json`)
  const { bin } = require(path) as { bin: Record<string, string> }
  return join(dirname(path), bin[command] ?? '')
}

const BINS = {
  p2pshare: binOf('@p2pshare/cli', 'p2pshare'),
  server: binOf('@p2pshare/node-server', 'p2pshare-node-server'),
  speed: join(import.meta.dirname, 'speed-peer.ts')
}

/** Starts processes and makes sure that none of them outlives the demo. */
export class Processes {
  readonly #running = new Set<ChildProcess>()
  #stopped: Promise<void> | undefined

  start(bin: keyof typeof BINS, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    if (this.#stopped !== undefined) {
      throw new DemoError('it was stopped')
    }
    const child = spawn(process.execPath, [BINS[bin], ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    this.#running.add(child)
    return watch(child, `${bin} ${args.slice(0, 1).join('')}`, () => this.#running.delete(child))
  }

  async stop(): Promise<void> {
    this.#stopped ??= this.#endAll()
    await this.#stopped
  }

  async #endAll(): Promise<void> {
    const ends = [...this.#running].map(async (child) => {
      const closed = new Promise((resolve) => child.once('close', resolve))
      const kill = setTimeout(() => child.kill('SIGKILL'), 5000)
      child.kill('SIGTERM')
      await closed
      clearTimeout(kill)
    })
    await Promise.all(ends)
  }
}

function watch(child: ChildProcess, name: string, ended: () => void): Running {
  const lines: JsonLine[] = []
  const waiting = new Set<() => void>()
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-2000)
  })
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(JSON.parse(line) as JsonLine)
      for (const wake of [...waiting]) {
        wake()
      }
    })
  }
  const { promise: exited, resolve } = Promise.withResolvers<Awaited<Running['exited']>>()
  let over = false
  child.once('close', (code, signal) => {
    over = true
    ended()
    resolve({ code, signal })
    for (const wake of [...waiting]) {
      wake()
    }
  })

  return {
    child,
    lines,
    exited,
    async until(what, passes) {
      for (;;) {
        const found = lines.find(passes)
        if (found !== undefined) {
          return found
        }
        if (over) {
          throw new DemoError(`${name} ended before ${what}: ${JSON.stringify(lines.at(-1) ?? '')} ${stderr}`)
        }
        await new Promise<void>((resume) => {
          const wake = (): void => {
            waiting.delete(wake)
            resume()
          }
          waiting.add(wake)
        })
      }
    }
  }
}

/** Something that the demo set out to prove is not so. */
export class DemoError extends Error {
  override readonly name = 'DemoError'
}

/** Fail the act unless it is so. */
export function prove(fact: boolean, what: string): void {
  if (!fact) {
    throw new DemoError(`not so: ${what}`)
  }
}
