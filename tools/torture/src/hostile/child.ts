import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { must } from '../errors.ts'

/** A process of the harness, which ends when its input does. */
export class Child {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  /** The first line. */
  readonly first: Promise<string>
  /** Of its last words on stderr. */
  #complaints = ''

  /** @param line - called for each line but the first */
  constructor(script: string, args: readonly string[], line: (line: string) => void = () => undefined) {
    const path = fileURLToPath(new URL(script, import.meta.url))
    // built packages or their source, as this process
    const child = spawn(process.execPath, [...process.execArgv, path, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    this.#closed = new Promise((resolve) => child.once('close', resolve))
    child.stderr.on('data', (chunk: Buffer) => {
      this.#complaints = `${this.#complaints}${chunk.toString()}`.slice(-400)
    })
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    this.first = promise
    let isFirst = true
    createInterface({ input: child.stdout })
      .on('line', (text) => {
        if (isFirst) {
          isFirst = false
          resolve(text)
        } else {
          line(text)
        }
      })
      .once('close', () => {
        reject(new TypeError(`${script} ended: ${this.#complaints}`))
      })
  }

  /** Something new begins. */
  mark(): void {
    this.#child.stdin?.write('\n')
  }

  /** @throws ViolationError when it ended by itself before */
  mustLive(): void {
    must(this.#child.exitCode === null && this.#child.signalCode === null, `it died: ${this.#complaints}`)
  }

  async end(): Promise<void> {
    this.#child.stdin?.end()
    await this.#closed
  }
}
