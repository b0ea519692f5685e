import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Interface } from 'node:readline'
import { join } from 'node:path'
import type { LabHost } from '../../src/index.ts'

/** A datagram that a host received. */
export interface Received {
  /** One character a byte. */
  readonly bytes: string
  readonly address: string
  readonly port: number
}

/** A UDP socket on a host of a lab. `down()` of the lab ends it. */
export class Agent {
  readonly port: number
  readonly process: ChildProcess
  readonly #lines: AsyncIterator<string>

  private constructor(process: ChildProcess, lines: AsyncIterator<string>, port: number) {
    this.process = process
    this.#lines = lines
    this.port = port
  }

  static async on(host: LabHost, { port = 0, echo = false }: { port?: number; echo?: boolean } = {}): Promise<Agent> {
    const script = join(import.meta.dirname, 'agent-main.ts')
    const args = ['--no-warnings', script, String(port), ...(echo ? ['echo'] : [])]
    const child = host.spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const lines: Interface = createInterface({ input: child.stdout! })
    const iterator = lines[Symbol.asyncIterator]()
    const ready = JSON.parse((await iterator.next()).value!) as Received
    return new Agent(child, iterator, ready.port)
  }

  send(bytes: string, address: string, port: number): void {
    this.process.stdin?.write(`${JSON.stringify({ bytes, address, port })}\n`)
  }

  /** The next datagram that comes; a test that waits in vain runs into its time limit. */
  async next(): Promise<Received> {
    return JSON.parse((await this.#lines.next()).value as string) as Received
  }

  /** Send and wait for what comes next. */
  async ask(bytes: string, address: string, port: number): Promise<Received> {
    this.send(bytes, address, port)
    return await this.next()
  }
}
