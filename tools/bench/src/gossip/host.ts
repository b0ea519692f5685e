import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cpuSeconds } from '../harness/process-stats.ts'
import type { Answer, Answers, NodeAddress, Order } from './orders.ts'

const SCRIPT = fileURLToPath(new URL('../peers/gossip-nodes.ts', import.meta.url))

/** Nothing that is asked of a process takes longer, unless it is stopped. */
const ANSWER_MS = 60_000

/** What a process has cost so far. */
export interface Cost {
  readonly cpuSeconds: number
  /** Written to sockets and pipes; what the bench itself asks for is a few kilobytes of it. */
  readonly sentBytes: number
}

/** A process of its own with one or more nodes. */
export class Host {
  nodes: readonly NodeAddress[] = []
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #numbers = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.number)?.(answer)
    })
    child.on('exit', () => {
      for (const [number, done] of this.#waiting) {
        done({ number, error: 'the process ended' })
      }
    })
  }

  static async start(count: number, profile: string): Promise<Host> {
    const child = fork(SCRIPT, {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc']
    })
    const host = new Host(child)
    host.nodes = await host.ask<'start'>({ type: 'start', count, profile })
    return host
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  async ask<Type extends Order['type']>(order: Order & { type: Type }): Promise<Answers[Type]> {
    const number = this.#numbers++
    const { promise, resolve, reject } = Promise.withResolvers<Answers[Type]>()
    const timer = setTimeout(() => {
      reject(new Error(`${order.type}: no answer in ${ANSWER_MS} ms`))
    }, ANSWER_MS)
    this.#waiting.set(number, ({ value, error }) => {
      if (error === undefined) {
        resolve(value as Answers[Type])
      } else {
        reject(new Error(error))
      }
    })
    try {
      this.#child.send({ number, order })
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(number)
    }
  }

  /** `SIGKILL` is a crash, `SIGSTOP` a stall. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  cost(): Cost {
    const pid = this.#child.pid ?? 0
    const [, sent = '0'] = /^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8')) ?? []
    return { cpuSeconds: cpuSeconds(pid), sentBytes: Number(sent) }
  }

  /** The end of the bench: no node says goodbye. */
  end(): void {
    this.#child.kill('SIGCONT')
    this.#child.kill('SIGKILL')
  }
}
