import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Interface } from 'node:readline'
import { cpuSeconds, machineBusySeconds, peakMiB } from './process-stats.ts'

/** One transfer between a seeder process and a leecher process. */
export interface PairResult {
  readonly seconds: number
  readonly seederCpuS: number
  readonly leecherCpuS: number
  readonly seederPeakMiB: number
  readonly leecherPeakMiB: number
  /** Cores that everything else on the machine used meanwhile: the noise. */
  readonly otherCores: number
}

export interface PairInit {
  /** A script in peers/. */
  readonly script: string
  readonly source: string
  readonly target: string
  readonly bytes: number
  readonly timeoutMs: number
}

/**
 * Starts `<script> seed <source>`, waits for its line `READY <info>`, then `<script> leech <target> <bytes> <info>`. The
 * clock runs from the leecher's line `GO` (about to fetch) to `DONE` (verified and on disk).
 */
export async function runPair(init: PairInit): Promise<PairResult> {
  const signal = AbortSignal.timeout(init.timeoutMs)
  const seeder = start([init.script, 'seed', init.source], signal)
  let leecher: Running | undefined
  try {
    const info = await seeder.line('READY')
    leecher = start([init.script, 'leech', init.target, String(init.bytes), info], signal)
    await leecher.line('GO')
    const before = {
      at: performance.now(),
      seeder: seeder.cpu(),
      leecher: leecher.cpu(),
      machine: machineBusySeconds()
    }
    await leecher.line('DONE')
    const seconds = (performance.now() - before.at) / 1000
    const seederCpuS = seeder.cpu() - before.seeder
    const leecherCpuS = leecher.cpu() - before.leecher
    return {
      seconds,
      seederCpuS,
      leecherCpuS,
      seederPeakMiB: peakMiB(seeder.pid),
      leecherPeakMiB: peakMiB(leecher.pid),
      otherCores: Math.max(0, machineBusySeconds() - before.machine - seederCpuS - leecherCpuS) / seconds
    }
  } finally {
    leecher?.kill()
    seeder.kill()
  }
}

interface Running {
  readonly pid: number
  line(word: string): Promise<string>
  cpu(): number
  kill(): void
}

function start(args: readonly string[], signal: AbortSignal): Running {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], signal })
  child.on('error', () => undefined) // the abort of the time limit; `line` reports it
  const { pid, stdout } = child
  if (pid === undefined) {
    throw new TypeError(`could not start ${args.join(' ')}`)
  }
  const lines = createInterface({ input: stdout })
  return {
    pid,
    line: (word) => waitForLine(child, lines, word, args.join(' ')),
    cpu: () => cpuSeconds(pid),
    kill: () => child.kill('SIGKILL')
  }
}

async function waitForLine(child: ChildProcess, lines: Interface, word: string, what: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => {
      reject(new TypeError(`${what} ended before it said ${word}`))
    }
    child.once('exit', onExit)
    lines.on('line', (line) => {
      if (line.startsWith(word)) {
        child.off('exit', onExit)
        resolve(line.slice(word.length).trim())
      }
    })
  })
}
