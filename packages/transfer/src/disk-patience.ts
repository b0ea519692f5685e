import { setTimeout as sleep } from 'node:timers/promises'
import type { DownloadMonitor } from './download.ts'
import type { DiskError } from './errors.ts'
import { mayPass, retryDelayMs } from './store/patience.ts'
import type { GetOptions, TransferEvent } from './types.ts'

/** Asks a disk that refuses again and again, and says so. */
export class DiskPatience {
  readonly #options: Pick<GetOptions, 'signal' | 'diskTimeoutMs'>
  /** Refusals in a row. */
  #refusals = 0
  #pausedAt = 0
  /** Leaves that were held when the disk refused last. */
  #heldBefore = -1

  constructor(options: Pick<GetOptions, 'signal' | 'diskTimeoutMs'>) {
    this.#options = options
  }

  /**
   * What `action` comes to, as soon as the disk lets it. A disk that took something and then nothing more, as a full one
   * does, is not asked more often for that.
   *
   * @param held - leaves that are kept by now: with more than last time the pauses begin short again.
   * @throws the last refusal after `diskTimeoutMs`; whatever else `action` throws; the signal's reason.
   */
  async *retry<T>(
    refusal: DiskError,
    held: number,
    action: () => Promise<T>
  ): AsyncGenerator<TransferEvent, T, undefined> {
    const { signal, diskTimeoutMs = Infinity } = this.#options
    if (held > this.#heldBefore) {
      this.#refusals = 0
      this.#pausedAt = performance.now()
      this.#heldBefore = held
    }
    for (let said = refusal; ;) {
      this.#refusals++
      const retryInMs = retryDelayMs(this.#refusals)
      if (performance.now() - this.#pausedAt >= diskTimeoutMs) {
        throw said
      }
      yield { type: 'paused', errno: said.errno, path: said.path, retryInMs }
      await this.#wait(retryInMs, signal)
      try {
        const result = await action()
        yield { type: 'resumed', pausedMs: performance.now() - this.#pausedAt }
        return result
      } catch (error) {
        if (!mayPass(error)) {
          throw error
        }
        said = error
      }
    }
  }

  async #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await sleep(ms, undefined, signal && { signal })
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  }
}

/** Which download waits, and for how long. */
export interface Waiting {
  readonly monitor: Pick<DownloadMonitor, 'paused'>
  readonly options: Pick<GetOptions, 'signal' | 'diskTimeoutMs'>
}

/**
 * What `action` comes to, as soon as the disk lets it.
 *
 * @param waiting - the download.
 * @param held - leaves that are kept by now.
 * @param waits - whether a first refusal is waited for.
 */
export async function* whenItCan<T>(
  waiting: Waiting,
  held: number,
  action: () => Promise<T>,
  waits: (error: unknown) => error is DiskError = mayPass
): AsyncGenerator<TransferEvent, T, undefined> {
  try {
    return await action()
  } catch (error) {
    if (!waits(error)) {
      throw error
    }
    const { monitor, options } = waiting
    return yield* monitor.paused(new DiskPatience(options).retry(error, held, action))
  }
}
