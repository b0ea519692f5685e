import type { Logger } from '@libp2p/interface'
import type { HaveSummary, SharePeer } from '@p2pshare/interface'
import { setTimeout as delay } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import type { TransferCollaborators } from '../types.ts'
import { SearchPace } from './search-pace.ts'

/** One turn: pause between two searches of the routing collaborator while nobody has what a download misses. */
const SEARCH_PAUSE_MS = 3000

/**
 * Peers that were named have this long to serve before others are searched for: a search asks everybody of the routing
 * table, and at the start of a download everything else is busy too.
 */
export const HEAD_START_MS = 2000

export interface DiscoveryInit {
  readonly root: CID
  readonly collaborators: TransferCollaborators
  readonly log: Logger
  /** Ends all of it. */
  readonly signal: AbortSignal
  /** Ends the search, when nothing is missing any more. */
  readonly searching: AbortSignal
  found(provider: SharePeer): Promise<void>
  /** Whether somebody connected has something that is missing. */
  isServed(): boolean
  /** How it waits. @default the timer of the system, which does not keep the process alive */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>
  /** What this node has of the share, for the others in its topic. */
  have(): HaveSummary | undefined
}

/** Finds peers of one share through whatever collaborators there are, until its signal aborts. */
export class Discovery {
  readonly #init: DiscoveryInit
  #searches = 0

  constructor(init: DiscoveryInit) {
    this.#init = init
  }

  /** Searches that ran to their end. */
  get searches(): number {
    return this.#searches
  }

  /** Look for providers again and again, rarely while there are some. `isNamed`: there are peers to be tried first. */
  search({ isNamed }: { readonly isNamed: boolean }): void {
    const { routing } = this.#init.collaborators
    if (routing !== undefined) {
      const pace = new SearchPace(isNamed ? 1 : 0)
      const work = async (signal: AbortSignal): Promise<void> => {
        if (!pace.take(this.#init.isServed())) {
          return
        }
        for await (const provider of routing.findProviders(this.#init.root, { signal })) {
          await this.#found(provider)
        }
        this.#searches++
      }
      this.#repeat('search', this.#init.searching, work, isNamed ? HEAD_START_MS : 0)
    }
  }

  /** Tell the share's topic about this node, and hear of others there. */
  exchange(): void {
    const { exchange } = this.#init.collaborators
    const have = (): HaveSummary | undefined => this.#init.have()
    if (exchange !== undefined) {
      this.#repeat('exchange', this.#init.signal, async (signal) => {
        for await (const provider of exchange.exchange(this.#init.root, { signal, have })) {
          await this.#found(provider)
        }
      })
    }
  }

  /** Announce this node as a provider, in the background. */
  provide(): void {
    const { routing } = this.#init.collaborators
    if (routing !== undefined) {
      routing.provide(this.#init.root, { signal: this.#init.signal }).catch((error: unknown) => {
        this.#failed('provide', this.#init.signal, error)
      })
    }
  }

  /** Again and again, with a pause: one failure does not end it. */
  #repeat(what: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>, firstMs = 0): void {
    const { pause = systemPause } = this.#init
    const loop = async (): Promise<void> => {
      if (firstMs > 0) {
        await pause(firstMs, signal)
      }
      while (!signal.aborted) {
        await work(signal).catch((error: unknown) => {
          this.#failed(what, signal, error)
        })
        await pause(SEARCH_PAUSE_MS, signal)
      }
    }
    loop().catch(() => undefined) // the pause was aborted
  }

  async #found(provider: SharePeer): Promise<void> {
    try {
      await this.#init.found(provider)
    } catch (error) {
      this.#init.log.error('provider %p of %c is left out - %e', provider.id, this.#init.root, error)
    }
  }

  /** Discovery helps; its failures never end a transfer. */
  #failed(what: string, signal: AbortSignal, error: unknown): void {
    if (!signal.aborted) {
      this.#init.log.error('%s for %c failed - %e', what, this.#init.root, error)
    }
  }
}

async function systemPause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false })
}
