import type { LeechReport, Others } from './job.ts'
import { mustBeEqual } from './files.ts'
import type { Peer } from './peers.ts'
import { machineBusySeconds } from './process-stats.ts'
import { killAll, Running } from './running.ts'
import type { Setting } from './setting.ts'

/** One transfer between a seeder process and a leecher process. */
export interface PairRun {
  readonly seconds: number
  readonly seederCpuS: number
  readonly leecherCpuS: number
  readonly seederPeakMiB: number
  readonly leecherPeakMiB: number
  /** Cores that everything else on the machine used meanwhile: the noise. */
  readonly otherCores: number
  readonly bytesReceived?: number
}

/** Moves the file once, and compares the copy with it. */
export async function runPair(peer: Peer, setting: Setting, timeoutMs: number): Promise<PairRun> {
  try {
    const seeder = new Running(peer.command(await setting.seed(peer)))
    const seeders = [await seeder.line('READY', timeoutMs)]
    if (peer.tracker === true) {
      await setting.tracker.seeders(1, timeoutMs)
    }
    const job = await setting.leech(peer)
    const leecher = new Running(peer.command(job))
    await leecher.line('READY', timeoutMs)
    await setting.reserve()
    leecher.say(JSON.stringify({ seeders, leechers: [] } satisfies Others))
    await leecher.line('GO', timeoutMs)
    const before = { at: performance.now(), busy: machineBusySeconds() }
    seeder.mark()
    leecher.mark()
    const report = JSON.parse(await leecher.line('DONE', timeoutMs)) as LeechReport
    const seconds = (performance.now() - before.at) / 1000
    const seederCpuS = seeder.cpu()
    const leecherCpuS = leecher.cpu()
    const run = {
      seconds,
      seederCpuS,
      leecherCpuS,
      seederPeakMiB: seeder.peakMiB(),
      leecherPeakMiB: leecher.peakMiB(),
      otherCores: Math.max(0, machineBusySeconds() - before.busy - seederCpuS - leecherCpuS) / seconds,
      ...report
    }
    await killAll()
    await mustBeEqual(setting.source, job.path, peer.name)
    return run
  } finally {
    await killAll()
    await setting.clear()
  }
}
