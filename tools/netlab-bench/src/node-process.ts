import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { LabHost } from '@p2pshare/netlab'
import { RunError } from './errors.ts'

const PEER = fileURLToPath(new URL('./peer.ts', import.meta.url))
/** What a node that was asked to stop may take. */
const STOP_MS = 4_000

/** A line that a node says. */
export type Said = Readonly<Record<string, unknown>> & { readonly type: string }

/** One node in the lab, in a process of its own: it is told lines of JSON, and says such. */
export class NodeProcess {
  readonly said: Said[] = []
  readonly #child: ChildProcess
  readonly #name: string
  readonly #waiting = new Set<() => void>()
  readonly #closed = Promise.withResolvers<undefined>()
  #isOver = false

  constructor(host: LabHost, setting: Readonly<Record<string, unknown>>) {
    this.#name = host.name
    const args = [...process.execArgv, '--no-warnings', PEER, JSON.stringify(setting)]
    this.#child = host.spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    // one that has ended reads nothing any more, and whoever waits for it is told
    this.#child.stdin?.on('error', () => undefined)
    const end = (): void => {
      this.#isOver = true
      this.#closed.resolve(undefined)
      this.#wake()
    }
    this.#child.once('close', end)
    this.#child.once('error', end)
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on('line', (text) => {
        this.said.push(JSON.parse(text) as Said)
        this.#wake()
      })
    }
  }

  tell(command: Readonly<Record<string, unknown>>): void {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`)
  }

  /**
   * The first line of a type that was said after the first `from` lines.
   *
   * @throws RunError when the node ends, fails or says nothing for so long
   */
  async says(type: string, withinMs: number, from = 0): Promise<Said> {
    const { promise, resolve, reject } = Promise.withResolvers<Said>()
    const look = (): void => {
      const found = this.said.slice(from).find((line) => line.type === type || line.type === 'error')
      if (found?.type === type) {
        resolve(found)
      } else if (found !== undefined || this.#isOver) {
        reject(new RunError(`${this.#name}, instead of ${type}: ${JSON.stringify(found ?? 'it ended')}`))
      }
    }
    const timer = setTimeout(() => {
      reject(new RunError(`${this.#name} did not say ${type} in ${withinMs} ms`))
    }, withinMs)
    this.#waiting.add(look)
    look()
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(look)
    }
  }

  async stop(): Promise<void> {
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
    this.#child.kill('SIGTERM')
    await this.#closed.promise
    clearTimeout(kill)
  }

  #wake(): void {
    for (const look of [...this.#waiting]) {
      look()
    }
  }
}
