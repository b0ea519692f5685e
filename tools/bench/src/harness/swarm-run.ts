import { mustBeEqual } from './files.ts'
import type { LeechReport, Others } from './job.ts'
import type { Peer } from './peers.ts'
import { machineBusySeconds } from './process-stats.ts'
import { killAll, Running } from './running.ts'
import type { Setting } from './setting.ts'

/** Who takes part. Every one of them may send at the same rate, and receive without a limit. */
export interface SwarmShape {
  readonly seeders: number
  readonly leechers: number
  readonly uploadBytesPerSecond: number
}

export interface SwarmRun {
  /** Seconds until each leecher had a verified copy. */
  readonly finishes: readonly number[]
  /** The last of them, divided by the fluid bound. */
  readonly ratio: number
  /** Of all processes together. */
  readonly cpuS: number
  readonly otherCores: number
  /** What arrived at a leecher, divided by the size, the highest of them; absent when the program does not count. */
  readonly received?: number
}

/** No schedule can have all copies complete sooner: all upload together, and the seeders' first copy. */
export function fluidBoundS(bytes: number, { seeders, leechers, uploadBytesPerSecond }: SwarmShape): number {
  const all = (leechers * bytes) / ((seeders + leechers) * uploadBytesPerSecond)
  const firstCopy = bytes / (seeders * uploadBytesPerSecond)
  return Math.max(all, firstCopy)
}

/** Brings the file to all leechers once, and compares every copy with it. */
export async function runSwarm(peer: Peer, setting: Setting, shape: SwarmShape, timeoutMs: number): Promise<SwarmRun> {
  const { uploadBytesPerSecond } = shape
  const running: Running[] = []
  const start = async (job: object): Promise<{ process: Running; info: string }> => {
    const process = new Running(peer.command(job))
    running.push(process)
    return { process, info: await process.line('READY', timeoutMs) }
  }
  try {
    const seeders: string[] = []
    for (let index = 0; index < shape.seeders; index++) {
      seeders.push((await start(await setting.seed(peer, { uploadBytesPerSecond }))).info)
    }
    if (peer.tracker === true) {
      await setting.tracker.seeders(shape.seeders, timeoutMs)
    }
    const copies: string[] = []
    const leechers: { process: Running; info: string }[] = []
    for (let index = 0; index < shape.leechers; index++) {
      const job = await setting.leech(peer, { uploadBytesPerSecond })
      copies.push(job.path)
      leechers.push(await start(job))
    }

    for (const process of running) {
      process.mark()
    }
    const before = { at: performance.now(), busy: machineBusySeconds() }
    for (const [index, { process }] of leechers.entries()) {
      const others: Others = { seeders, leechers: leechers.slice(index + 1).map(({ info }) => info) }
      process.say(JSON.stringify(others))
    }
    const reports = await Promise.all(
      leechers.map(async ({ process }) => {
        const report = JSON.parse(await process.line('DONE', timeoutMs)) as LeechReport
        return { ...report, seconds: (performance.now() - before.at) / 1000 }
      })
    )
    const finishes = reports.map(({ seconds }) => seconds)
    const last = Math.max(...finishes)
    const cpuS = running.reduce((sum, process) => sum + process.cpu(), 0)
    const otherCores = Math.max(0, machineBusySeconds() - before.busy - cpuS) / last
    await killAll()
    for (const copy of copies) {
      await mustBeEqual(setting.source, copy, peer.name)
    }
    const received = Math.max(...reports.map(({ bytesReceived = NaN }) => bytesReceived / setting.bytes))
    return {
      finishes,
      ratio: last / fluidBoundS(setting.bytes, shape),
      cpuS,
      otherCores,
      ...(Number.isNaN(received) ? {} : { received })
    }
  } finally {
    await killAll()
    await setting.clear()
  }
}
