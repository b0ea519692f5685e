import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@libp2p/interface'
import type { TransferOptions } from '../options.ts'
import type { ScrubOptions, ScrubReport, ShareEvents } from '../types.ts'
import { AutoScrub } from './auto-scrub.ts'
import type { Library } from './library.ts'
import { Quiet, whenQuiet } from './quiet.ts'
import type { Shares } from './shares.ts'

/** Of a pass that a user asked for. */
const DEFAULT_SCRUB_BYTES_PER_SECOND = 8 * 1024 * 1024

export interface ScrubsInit {
  readonly log: Logger
  readonly shares: Shares
  readonly library: Library
  readonly options: Pick<TransferOptions, 'scrubEveryMs' | 'scrubBytesPerSecond'>
  /** An event of the service. */
  tell<Type extends keyof ShareEvents>(type: Type, detail: ShareEvents[Type]['detail']): void
}

/** Passes over all that is shared: those that users ask for, and those that begin by themselves. */
export class Scrubs {
  readonly #init: ScrubsInit
  readonly #auto: AutoScrub

  constructor(init: ScrubsInit) {
    this.#init = init
    const { log, library } = init
    const { scrubEveryMs: everyMs } = init.options
    const quiet = new Quiet()
    this.#auto = new AutoScrub({
      everyMs,
      now: Date.now,
      random: Math.random,
      sleep: async (ms, signal) => sleep(ms, undefined, { signal, ref: false }),
      load: async () => library.loadScrub(),
      save: async (state) => library.saveScrub(state),
      pass: async (signal) => this.#slowly(quiet, signal),
      started: (resumed) => {
        init.tell('scrub:started', { resumed })
      },
      done: (report) => {
        init.tell('scrub:done', report)
      },
      failed: (error) => {
        log.error('scrubbing failed - %e', error)
      }
    })
  }

  /** Begin them by themselves until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#auto.run(signal)
  }

  /** One now, in place of one that runs by itself. */
  async now({ bytesPerSecond = DEFAULT_SCRUB_BYTES_PER_SECOND, ...options }: ScrubOptions): Promise<ScrubReport> {
    return this.#auto.instead(async () => this.#init.shares.scrub({ bytesPerSecond, ...options }))
  }

  /** One that transfers go before. */
  async #slowly(quiet: Quiet, signal: AbortSignal): Promise<ScrubReport> {
    const { shares, options } = this.#init
    const ready = async (reading: AbortSignal | undefined): Promise<void> =>
      whenQuiet(
        quiet,
        () => shares.activity(),
        async (ms) => sleep(ms, undefined, { ...(reading && { signal: reading }), ref: false })
      )
    return shares.scrub({ bytesPerSecond: options.scrubBytesPerSecond, signal, ready })
  }
}
