import type { Logger } from '@libp2p/interface'
import type { Provider } from '@p2pshare/interface'
import { setTimeout as delay } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import type { TransferCollaborators } from '../types.ts'

/** Pause between two searches of the routing collaborator while a download still wants sources. */
const SEARCH_PAUSE_MS = 3000

export interface DiscoveryInit {
  readonly root: CID
  readonly collaborators: TransferCollaborators
  readonly log: Logger
  readonly signal: AbortSignal
  found(provider: Provider): Promise<void>
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

  /** Look for providers again and again. */
  search(): void {
    const { routing } = this.#init.collaborators
    if (routing !== undefined) {
      this.#run('search', async (signal) => {
        while (!signal.aborted) {
          for await (const provider of routing.findProviders(this.#init.root, { signal })) {
            await this.#init.found(provider)
          }
          this.#searches++
          await delay(SEARCH_PAUSE_MS, undefined, { signal })
        }
      })
    }
  }

  /** Tell the share's topic about this node, and hear of others there. */
  exchange(): void {
    const { exchange } = this.#init.collaborators
    if (exchange !== undefined) {
      this.#run('exchange', async (signal) => {
        for await (const provider of exchange.exchange(this.#init.root, { signal })) {
          await this.#init.found(provider)
        }
      })
    }
  }

  /** Announce this node as a provider, in the background. */
  provide(): void {
    const { routing } = this.#init.collaborators
    if (routing !== undefined) {
      this.#run('provide', (signal) => routing.provide(this.#init.root, { signal }))
    }
  }

  /** Discovery helps; its failures never end a transfer. */
  #run(what: string, work: (signal: AbortSignal) => Promise<void>): void {
    const { signal, log, root } = this.#init
    work(signal).catch((error: unknown) => {
      if (!signal.aborted) {
        log.error('%s for %c failed - %e', what, root, error)
      }
    })
  }
}
