import type { ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { LabHost } from '@p2pshare/netlab'
import { RunError } from '../errors.ts'
import { jsonLine } from '../observe.ts'
import type { JsonLine } from '../observe.ts'

/** Lines of a log that are kept for what went wrong. */
const KEPT_LOG_LINES = 2_000
/** What a program that was asked to stop may take. */
const STOP_MS = 3_000

const require = createRequire(import.meta.url)

/** A line with the moment it came, on the clock of `performance.now()`. */
export type Timed<T> = T & { readonly atMs: number }

/** A program on a host of the lab. It speaks NDJSON, and logs to its standard error. */
export class Program {
  readonly startedAt = performance.now()
  readonly lines: Timed<JsonLine>[] = []
  readonly log: string[] = []
  readonly #child: ChildProcess
  readonly name: string
  readonly #waiting = new Set<() => void>()
  readonly #closed: Promise<void>
  #over = false

  constructor(host: LabHost, name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.name = `${name} on ${host.name}`
    this.#child = host.spawn(process.execPath, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...cleanEnv(), ...env }
    })
    const { stdin, stdout, stderr } = this.#child
    // one that has ended reads nothing any more, and `over` says so
    stdin?.on('error', () => undefined)
    if (stdout !== null && stderr !== null) {
      createInterface({ input: stdout }).on('line', (text) => {
        const line = jsonLine(text)
        if (line !== undefined) {
          this.lines.push({ ...line, atMs: performance.now() })
          this.#wake()
        }
      })
      createInterface({ input: stderr }).on('line', (text) => {
        this.log.push(text)
        this.log.splice(0, this.log.length - KEPT_LOG_LINES)
        this.#wake()
      })
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#closed = promise
    const end = (): void => {
      this.#over = true
      resolve()
      this.#wake()
    }
    this.#child.once('close', end)
    this.#child.once('error', end)
  }

  get over(): boolean {
    return this.#over
  }

  /** Of the process; 0 when it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** What it said before is not waited for any more: another run begins. */
  forget(): void {
    this.lines.length = 0
    this.log.length = 0
  }

  /** Send a line to its standard input. */
  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  /**
   * The first line of a type, past or future.
   *
   * @throws RunError when the program ends without it, or in `withinMs`
   */
  async says(type: string, withinMs: number): Promise<Timed<JsonLine>> {
    await this.until((program) => program.lines.some((line) => line.type === type), withinMs)
    const found = this.lines.find((line) => line.type === type)
    if (found === undefined) {
      const last =
        this.lines.findLast((line) => line.type === 'error') ?? this.log.at(-1) ?? this.lines.at(-1) ?? 'nothing'
      const why = this.#over ? 'ended' : `waited ${withinMs} ms`
      throw new RunError(`${this.name}: ${why} without ${type}: ${JSON.stringify(last).slice(0, 300)}`)
    }
    return found
  }

  /** Resolves when it is so, the program has ended, or the time is over. */
  async until(isSo: (program: this) => boolean, withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = (): void => {
      if (this.#over || isSo(this)) {
        resolve()
      }
    }
    const timer = setTimeout(resolve, withinMs)
    this.#waiting.add(look)
    look()
    await promise
    clearTimeout(timer)
    this.#waiting.delete(look)
  }

  /** SIGTERM, and SIGKILL for one that does not care. */
  async stop(): Promise<void> {
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
    this.#child.kill('SIGTERM')
    await this.#closed
    clearTimeout(kill)
  }

  #wake(): void {
    for (const look of [...this.#waiting]) {
      look()
    }
  }
}

/** The file behind a package's command, as npm would run it. */
export function binOf(packageName: string, command: string): string {
  const path = require.resolve(`${packageName}/package.json`)
  const { bin } = require(path) as { bin: Record<string, string> }
  return join(dirname(path), bin[command] ?? '')
}

/** What the user has set for their own nodes is not for ours. */
function cleanEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('P2PSHARE_') && name !== 'DEBUG')
  )
}
