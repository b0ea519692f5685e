import type { Logger } from '@libp2p/interface'
import type { HaveSummary, SharePeer } from '@p2pshare/interface'
import { setTimeout as delay } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import type { TransferCollaborators } from '../types.ts'
import { SearchPace } from './search-pace.ts'

/** One turn: pause between two searches of the routing collaborator while nobody has what a download misses. */
const SEARCH_PAUSE_MS = 3000

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
  /** What this node has of the share, for the others in its topic. */
  have(): HaveSummary | undefined
}

/** Finds peers of one share through whatever collaborators there are, until its signal aborts. */
export class Discovery {
  readonly #init: DiscoveryInit
  readonly #pace = new SearchPace()
  #searches = 0

  constructor(init: DiscoveryInit) {
    this.#init = init
  }

  /** Searches that ran to their end. */
  get searches(): number {
    return this.#searches
  }

  /** Look for providers again and again, rarely while there are some. */
  search(): void {
    const { routing } = this.#init.collaborators
    if (routing !== undefined) {
      this.#repeat('search', this.#init.searching, async (signal) => {
        if (!this.#pace.take(this.#init.isServed())) {
          return
        }
        for await (const provider of routing.findProviders(this.#init.root, { signal })) {
          await this.#found(provider)
        }
        this.#searches++
      })
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
  #repeat(what: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): void {
    const loop = async (): Promise<void> => {
      while (!signal.aborted) {
        await work(signal).catch((error: unknown) => {
          this.#failed(what, signal, error)
        })
        await delay(SEARCH_PAUSE_MS, undefined, { signal, ref: false })
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
