import type { Logger } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import { ANNOUNCE_TIMEOUT_MS, MIN_ANNOUNCE_GAP_MS, RETRY_MAX_MS, RETRY_MIN_MS } from '../constants.ts'
import type { Network } from '../network.ts'
import { provideIntervalMs } from '../rules/next-provide.ts'
import { isUnder } from '../rules/prefix.ts'
import { nextTurnAt } from '../rules/sweep.ts'
import { AddRates } from '../server/rate-limit.ts'
import { announceRegion } from './announce-region.ts'
import type { AnnounceEvent, AnnounceTiming } from './announce-schedule.ts'
import { announce } from './announce.ts'
import type { AnnounceOrder, AnnounceResult } from './announce.ts'
import type { AnnouncedRoot } from './announced-root.ts'
import type { Batch } from './batch.ts'
import { HoldersSeen } from './holders-seen.ts'

/** What an `AnnounceRunner` works with. */
export interface AnnounceRunnerInit {
  readonly network: Network
  readonly log: Logger
  /** Something happened to a root: it is planned anew. */
  readonly onChange: (root: AnnouncedRoot, event: AnnounceEvent) => void
  /** Others find it, though not all its holders are told yet. */
  readonly onFindable: (root: AnnouncedRoot) => void
}

type Signals = Pick<AnnounceOrder, 'signal' | 'shutdown'>

/** Announces what is due and notes what came of it, and how long holders stay. */
export class AnnounceRunner {
  readonly #init: AnnounceRunnerInit
  readonly #seen: HoldersSeen
  /** What each holder still takes from us, by the rules of our own server. */
  readonly #rates = new AddRates()

  constructor(init: AnnounceRunnerInit) {
    this.#init = init
    this.#seen = new HoldersSeen(init.network.contacts)
  }

  halfLifeMs(): number | undefined {
    return this.#seen.halfLifeMs()
  }

  /** As fast as holders go. */
  timing(): AnnounceTiming {
    const { firstIntervalMs, longestIntervalMs } = this.#init.network.spec
    const halfLifeMs = this.#seen.halfLifeMs()
    return {
      intervalMs:
        halfLifeMs === undefined && firstIntervalMs !== undefined
          ? firstIntervalMs
          : provideIntervalMs(halfLifeMs, longestIntervalMs),
      minGapMs: MIN_ANNOUNCE_GAP_MS,
      retryMinMs: RETRY_MIN_MS,
      retryMaxMs: RETRY_MAX_MS
    }
  }

  /** Never rejects. */
  async run({ roots, prefix }: Batch, shutdown: AbortSignal): Promise<void> {
    const { onChange, log } = this.#init
    const [first] = roots
    if (first === undefined) {
      return
    }
    if (!this.#canTell()) {
      roots.forEach((root) => {
        onChange(root, { type: 'blocked' })
      })
      return
    }
    const cancelled = prefix === undefined ? [first.cancelled.signal] : []
    const signal = anySignal([shutdown, AbortSignal.timeout(ANNOUNCE_TIMEOUT_MS), ...cancelled])
    setMaxListeners(Infinity, signal)
    try {
      await (prefix === undefined
        ? this.#announceOne(first, { signal, shutdown })
        : this.#announceRegion(roots, prefix, { signal, shutdown }))
    } catch (err) {
      log.error('announcing %c failed - %e', first.root, err)
      roots.forEach((root) => {
        onChange(root, { type: 'failed' })
      })
    } finally {
      signal.clear()
    }
  }

  async #announceOne(root: AnnouncedRoot, signals: Signals): Promise<void> {
    const { network, onChange, onFindable } = this.#init
    const addresses = network.addresses()
    const before = { holders: root.holders, announcedAt: root.state.announcedAt }
    const result = await announce(network, {
      key: root.key,
      ...signals,
      onFindable: (holders) => {
        root.told(holders, addresses)
        root.successes++
        onChange(root, { type: 'succeeded' })
        onFindable(root)
      }
    })
    if (!signals.shutdown.aborted) {
      this.#watch(root, before, result)
      this.#note(root, result, addresses)
    }
  }

  async #announceRegion(
    roots: readonly AnnouncedRoot[],
    prefix: NonNullable<Batch['prefix']>,
    signals: Signals
  ): Promise<void> {
    const { network } = this.#init
    const addresses = network.addresses()
    const { byRoot, paced, regions } = await announceRegion(network, roots, prefix, this.#rates, signals)
    if (signals.shutdown.aborted) {
      return
    }
    for (const [root, result] of byRoot) {
      if (!paced) {
        this.#watch(root, { holders: root.holders, announcedAt: root.state.announcedAt }, result)
      }
      // the roots of a part have their next turn together, and those of other nodes at another time
      const region = regions.find((each) => isUnder(root.position, each)) ?? prefix
      const at = nextTurnAt(region, network.position, this.timing().intervalMs, Date.now())
      this.#note(root, result, addresses, at)
    }
  }

  /** Who of the earlier holders is still there. */
  #watch(
    root: AnnouncedRoot,
    { holders, announcedAt }: { holders: readonly string[]; announcedAt: number | undefined },
    result: AnnounceResult
  ): void {
    if (announcedAt !== undefined) {
      this.#seen.add(holders, Date.now() - announcedAt, root.position, result)
    }
  }

  #note(root: AnnouncedRoot, result: AnnounceResult, addresses: readonly string[], at?: number): void {
    const { onChange } = this.#init
    if (root.cancelled.signal.aborted) {
      return
    }
    if (result.state === 'findable' || result.state === 'complete') {
      root.told(result.holders, addresses)
      root.complete = result.state === 'complete'
      root.crowded = result.alarm
      root.successes++
      onChange(root, { type: 'succeeded', ...(at === undefined ? {} : { at }) })
    } else {
      onChange(root, { type: this.#canTell() ? 'failed' : 'blocked' })
    }
  }

  /** There is somebody, and something to tell. */
  #canTell(): boolean {
    const { network } = this.#init
    return network.hasAddresses() && (network.kad.tableSize() > 0 || network.view(network.position) !== undefined)
  }
}
