import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { cpuSeconds, peakMiB } from './process-stats.ts'

/** A program and its arguments. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** How much of what a program complained about is shown when it fails. */
const STDERR_BYTES = 4000
/** A program that was asked to stop gets this long. */
const STOP_MS = 3000

/** Stands for the first word of every line, for programs that do not speak our way; the text is the whole line. */
export const ANY_LINE = '*'

const alive = new Set<Running>()

/**
 * A program that reports by lines on stdout whose first word says what they are (peers/README.md), and ends when its
 * stdin does. It is the leader of a process group of its own, so that nothing of it survives `kill()`.
 */
export class Running {
  readonly startedAt = performance.now()
  readonly #what: string
  readonly #child: ChildProcess
  readonly #said = new Map<string, string>()
  readonly #waiting = new Map<string, (text: string) => void>()
  readonly #ended: Promise<number | null>
  #stderr = ''
  #measured: number
  #marked = 0

  constructor({ program, args, env = {} }: Command) {
    this.#what = [program, ...args].join(' ').slice(0, 200)
    this.#child = spawn(program, args, { stdio: 'pipe', detached: true, env: { ...process.env, ...env } })
    this.#measured = this.#child.pid ?? 0
    alive.add(this)
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#stderr += error.message
        resolve(null)
      })
      this.#child.once('exit', resolve)
    })
    void this.#ended.then(() => alive.delete(this))
    this.#child.stdin?.on('error', () => undefined) // it ended: `line` says so
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_BYTES)
    })
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#onLine(line))
    }
  }

  /** The rest of the line that begins with `word`, also when it was said before. */
  async line(word: string, timeoutMs: number): Promise<string> {
    const said = this.#said.get(word)
    if (said !== undefined) {
      return said
    }
    let timer: NodeJS.Timeout | undefined
    try {
      return await Promise.race([
        new Promise<string>((resolve) => this.#waiting.set(word, resolve)),
        this.#ended.then((code) => {
          throw new Error(`${this.#what} ended (${code ?? 'killed'}) before it said ${word}\n${this.#stderr}`)
        }),
        new Promise<never>((_, reject) => {
          timer = setTimeout(
            () => reject(new Error(`${this.#what} did not say ${word} within ${timeoutMs} ms\n${this.#stderr}`)),
            timeoutMs
          )
        })
      ])
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(word)
    }
  }

  say(text: string): void {
    this.#child.stdin?.write(`${text}\n`)
  }

  /** CPU is counted from here on. */
  mark(): void {
    this.#marked = cpuSeconds(this.#measured)
  }

  /** CPU seconds since `mark()`, children included. */
  cpu(): number {
    return cpuSeconds(this.#measured) - this.#marked
  }

  peakMiB(): number {
    return peakMiB(this.#measured)
  }

  /** Asks by SIGTERM; resolves with the exit code, `null` when it had to be killed. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    const late = setTimeout(() => this.#signal('SIGKILL'), STOP_MS)
    const code = await this.#ended
    clearTimeout(late)
    return code
  }

  async kill(): Promise<void> {
    this.#signal('SIGKILL')
    await this.#ended
  }

  #onLine(line: string): void {
    const space = line.indexOf(' ')
    const word = space === -1 ? line : line.slice(0, space)
    const text = space === -1 ? '' : line.slice(space + 1)
    if (word === 'PID') {
      this.#measured = Number(text) // it has only just begun
      this.#marked = 0
      return
    }
    this.#hear(word, text)
    this.#hear(ANY_LINE, line)
  }

  #hear(word: string, text: string): void {
    this.#said.set(word, text)
    this.#waiting.get(word)?.(text)
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child
    if (pid === undefined || exitCode !== null || signalCode !== null) {
      return
    }
    try {
      process.kill(-pid, signal)
    } catch {
      this.#child.kill(signal)
    }
  }
}

/** Ends every program that was started here. */
export async function killAll(): Promise<void> {
  await Promise.all([...alive].map(async (running) => running.kill()))
}
