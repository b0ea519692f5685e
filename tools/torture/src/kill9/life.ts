import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { must } from '../errors.ts'

/** When a process is killed: after it has said so many lines, and then a little later. */
export interface KillPoint {
  readonly lines: number
  readonly delayMs: number
}

/** What a process said before it was gone. */
export interface Life {
  readonly lines: readonly string[]
  readonly wasKilled: boolean
}

/** Nothing that is run here takes as long; a process that does hangs. */
const MAX_LIFE_MS = 120_000

/** Run a script of this directory until it ends or is killed with SIGKILL. */
export async function live(script: string, args: readonly string[], kill: KillPoint | undefined): Promise<Life> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  // built packages or their source, as this process
  const child = spawn(process.execPath, [...process.execArgv, path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const complaints: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk))
  const timeout = setTimeout(() => child.kill('SIGKILL'), MAX_LIFE_MS)
  const lines: string[] = []
  const killLater = async ({ delayMs }: KillPoint): Promise<void> => {
    await sleep(delayMs)
    child.kill('SIGKILL')
  }
  let killing: Promise<void> | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (kill !== undefined && lines.length >= kill.lines) {
      killing ??= killLater(kill)
    }
  }
  await killing
  await closed
  clearTimeout(timeout)
  const wasKilled = child.signalCode === 'SIGKILL'
  must(!wasKilled || kill !== undefined, `${script} hung after: ${lines.slice(-3).join(', ')}`)
  must(wasKilled || child.exitCode === 0, `${script} failed: ${Buffer.concat(complaints).toString().slice(0, 400)}`)
  return { lines, wasKilled }
}
