/* eslint-disable @nx/enforce-module-boundaries -- labs are tools that tests use */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LabHost } from '@p2pshare/netlab'

/** What a program said: one JSON object a line. */
export type Line = Record<string, unknown>

/** A guard, for a machine that is busy. */
const PATIENCE_MS = 60_000

const NODE_OPTIONS = ['--conditions=@p2pshare/source', '--experimental-transform-types', '--no-warnings']

/** A program that runs on a host of a lab, and everything it said. It ends with the lab. */
export class LabPeer {
  readonly lines: Line[] = []
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()

  constructor(host: LabHost, program: URL, args: readonly string[]) {
    const file = fileURLToPath(program)
    const [command, ...words] = file.endsWith('.ts') ? [process.execPath, ...NODE_OPTIONS, file] : [file]
    this.#child = host.spawn(command, [...words, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        if (process.env['VERBOSE'] !== undefined) {
          process.stderr.write(`${host.name} ${line}\n`)
        }
        this.lines.push(JSON.parse(line) as Line)
        this.#waiting.forEach((look) => look())
      })
    }
  }

  /** Ends it: for a lab that goes on without it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.kill()) {
      await once(this.#child, 'exit')
    }
  }

  /** A line to its standard input. */
  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  /** The first line that has one of these keys. */
  async says(...keys: string[]): Promise<Line> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nothing of ${keys.join()}`)), PATIENCE_MS)
      const look = (): void => {
        const found = this.lines.find((line) => keys.some((key) => key in line))
        if (found !== undefined) {
          clearTimeout(timer)
          this.#waiting.delete(look)
          resolve(found)
        }
      }
      this.#waiting.add(look)
      look()
    })
  }
}
