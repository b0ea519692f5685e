import { randomBytes } from 'node:crypto'
import type { ComponentLogger, Libp2pEvents, Logger } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import { TypedEventEmitter } from 'main-event'
import type { TypedEventTarget } from 'main-event'
import { AnnounceSocket } from './announce-socket.ts'
import { Announcer } from './announcer.ts'
import type { AnnouncerComponents } from './announcer.ts'
import { ANNOUNCE_PORT, ANNOUNCED_PAUSE_MS, PROBE_TIMEOUT_MS, STOP_TIMEOUT_MS } from './constants.ts'
import { withDeadline } from './deadline.ts'
import { doubleNatOf } from './double-nat.ts'
import { findLinks } from './links.ts'
import type { LinkSources, MapLink } from './links.ts'
import { expiryOf, FIRST_STEP, nextMapping, wakeAt } from './mapping-state.ts'
import type { MappingEvent, MappingState, MappingStep } from './mapping-state.ts'
import { resolvePortMapOptions } from './options.ts'
import type { PortMapInit, PortMapOptions } from './options.ts'
import type { PortMapping, PortMapReport } from './report.ts'
import { mapTargets, targetKey } from './targets.ts'
import type { Lease, MapRequest, MapTarget } from './types.ts'

/** What port mapping needs of the node. */
export interface PortMapperComponents extends AnnouncerComponents {
  transportManager: Pick<TransportManager, 'getAddrs'>
  events: TypedEventTarget<Libp2pEvents>
  logger: ComponentLogger
}

/** What port mapping is given by its siblings, and by tests. */
export interface PortMapperInit extends PortMapInit {
  /** The addresses others saw this node come from, for finding a second NAT. */
  observedIps?: () => readonly string[]
  /** @default Date.now */
  now?: () => number
  /** @default Math.random */
  random?: () => number
  /**
   * Milliseconds a gateway has to answer in a protocol.
   *
   * @default 3_000
   */
  probeTimeoutMs?: number
  /**
   * UDP port on which gateways speak to all.
   *
   * @default 5350
   */
  announcePort?: number
}

/** Events of a `PortMapper`. */
export interface PortMapperEvents {
  /** A mapping was made, moved or lost. */
  'mapping:change': CustomEvent<PortMapReport>
}

interface Entry {
  readonly target: MapTarget
  readonly link: MapLink
  readonly nonce: Uint8Array
  state: MappingState
  mapping?: PortMapping
  reason?: string
}

/** Has gateways forward this node's listeners, and tells others of the outside addresses at once. */
export class PortMapper extends TypedEventEmitter<PortMapperEvents> {
  readonly #components: PortMapperComponents
  readonly #options: PortMapOptions
  readonly #observedIps: () => readonly string[]
  readonly #now: () => number
  readonly #sources: LinkSources
  readonly #log: Logger
  readonly #announcer: Announcer
  readonly #entries = new Map<string, Entry>()
  readonly #onListening = (): void => {
    this.#retarget()
  }
  readonly #announcements: AnnounceSocket
  #links: readonly MapLink[] = []
  #shutdown = new AbortController()
  #working = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #checkTimer: NodeJS.Timeout | undefined
  #isChecking = false
  #announcedAt = 0

  /** Throws `InvalidOptionError`. */
  constructor(components: PortMapperComponents, init: PortMapperInit = {}) {
    super()
    const { observedIps, now, random, probeTimeoutMs, announcePort, ...options } = init
    this.#components = components
    this.#options = resolvePortMapOptions(options)
    this.#observedIps = observedIps ?? (() => [])
    this.#now = now ?? Date.now
    this.#sources = {
      now: this.#now,
      random: random ?? Math.random,
      probeTimeoutMs: probeTimeoutMs ?? PROBE_TIMEOUT_MS
    }
    this.#log = components.logger.forComponent('p2pshare:nat:port-map')
    this.#announcements = new AnnounceSocket(announcePort ?? ANNOUNCE_PORT, (gateway) => {
      this.#onAnnounced(gateway)
    })
    this.#announcer = new Announcer(components, this.#log)
  }

  /** Returns at once: a node does not wait for its gateway. */
  start(): void {
    this.#shutdown = new AbortController()
    this.#components.events.addEventListener('transport:listening', this.#onListening)
    this.#components.events.addEventListener('transport:close', this.#onListening)
    this.#run(async (signal) => this.#relink(signal))
    this.#checkTimer = setInterval(() => {
      this.#check()
    }, this.#options.gatewayCheckMs)
    this.#checkTimer.unref()
  }

  /** Gives the mappings back, for one second at most. */
  async stop(): Promise<void> {
    this.#components.events.removeEventListener('transport:listening', this.#onListening)
    this.#components.events.removeEventListener('transport:close', this.#onListening)
    clearInterval(this.#checkTimer)
    clearTimeout(this.#timer)
    this.#shutdown.abort()
    await Promise.allSettled(this.#working)
    this.#announcements.close()
    for (const entry of this.#entries.values()) {
      this.#on(entry, { type: 'stop' })
    }
    this.#entries.clear()
    this.#links = []
    await Promise.allSettled(this.#working)
  }

  /** What came of it so far. */
  report(): PortMapReport {
    const entries = [...this.#entries.values()]
    return {
      gateways: this.#links.map(({ gateway }) => gateway),
      mappings: entries.flatMap(({ mapping }) => (mapping === undefined ? [] : [this.#asSeenNow(mapping)])),
      unmapped: entries.flatMap(({ target, mapping, reason }) =>
        mapping === undefined && reason !== undefined ? [{ ...target, reason }] : []
      )
    }
  }

  /** What others observe is often learned after the mapping. */
  #asSeenNow(mapping: PortMapping): PortMapping {
    const doubleNat = doubleNatOf(mapping.externalIp, this.#observedIps())
    return { ...mapping, ...(doubleNat === undefined ? {} : { doubleNat }) }
  }

  /** Find the gateways, and have all ports mapped anew when they are others than before. */
  async #relink(signal: AbortSignal): Promise<void> {
    const links = await findLinks(this.#options.gateway, this.#sources, signal)
    // one that was there before keeps what it knows of its gateway
    this.#links = links.map((link) => this.#links.find(({ key }) => key === link.key) ?? link)
    this.#retarget()
  }

  /** Ask for what is listened on and not mapped, and give up what is not listened on any more. */
  #retarget(): void {
    const wanted = new Map<string, readonly [MapTarget, MapLink]>()
    const addresses = this.#components.transportManager.getAddrs()
    for (const link of this.#links) {
      for (const target of mapTargets(addresses, { withLoopback: link.withLoopback })) {
        if (target.internalIp === link.internalIp) {
          wanted.set(`${link.key} ${targetKey(target)}`, [target, link])
        }
      }
    }
    for (const [key, entry] of this.#entries) {
      if (!wanted.has(key)) {
        this.#entries.delete(key)
        this.#on(entry, { type: 'stop' })
      }
    }
    for (const [key, [target, link]] of wanted) {
      if (!this.#entries.has(key)) {
        const entry: Entry = { target, link, nonce: randomBytes(12), state: FIRST_STEP.state }
        this.#entries.set(key, entry)
        this.#announcements.join(link.internalIp)
        this.#apply(entry, FIRST_STEP)
      }
    }
  }

  /**
   * The gateway says that it restarted or has another address, ten times in a row: each mapping is asked for anew once.
   * Anybody on the network can say it, and costs it no more than that.
   */
  #onAnnounced(gateway: string): void {
    const now = this.#now()
    const link = this.#links.find((candidate) => candidate.gateway === gateway)
    if (link === undefined || now - this.#announcedAt < ANNOUNCED_PAUSE_MS) {
      return
    }
    this.#announcedAt = now
    this.#log('gateway %s announced itself', gateway)
    this.#lost(link)
  }

  #check(): void {
    if (this.#isChecking) {
      return
    }
    this.#isChecking = true
    this.#run(async (signal) => {
      try {
        await this.#relink(signal)
        await Promise.all(this.#links.map(async (link) => this.#checkLink(link, signal)))
      } finally {
        this.#isChecking = false
      }
    })
  }

  async #checkLink(link: MapLink, signal: AbortSignal): Promise<void> {
    const leases = this.#entriesOf(link).flatMap(({ state, target: { protocol } }) =>
      'lease' in state ? [{ ...state.lease, protocol }] : []
    )
    if (await link.race.isLost(leases, signal)) {
      this.#log('gateway %s lost its mappings', link.gateway)
      this.#lost(link)
    }
  }

  #lost(link: MapLink): void {
    for (const entry of this.#entriesOf(link)) {
      this.#on(entry, { type: 'lost' })
    }
  }

  #entriesOf({ key }: MapLink): Entry[] {
    return [...this.#entries.values()].filter(({ link }) => link.key === key)
  }

  #on(entry: Entry, event: MappingEvent): void {
    this.#apply(entry, nextMapping(entry.state, event, this.#now()))
  }

  #apply(entry: Entry, { state, effects }: MappingStep): void {
    entry.state = state
    for (const effect of effects) {
      switch (effect.type) {
        case 'ask':
          this.#run(async (signal) => this.#ask(entry, effect.suggest, signal))
          break
        case 'publish':
          this.#run(async () => this.#publish(entry, effect.lease))
          break
        case 'retract':
          delete entry.mapping
          this.#run(async () => this.#announcer.remove(entry.target, effect.lease))
          this.#changed()
          break
        case 'release':
          this.#release(entry, effect.lease)
          break
      }
    }
    this.#schedule()
  }

  async #ask(entry: Entry, suggest: Lease | undefined, signal: AbortSignal): Promise<void> {
    try {
      const lease = await entry.link.race.map(this.#requestOf(entry, suggest), signal)
      delete entry.reason
      this.#on(entry, { type: 'mapped', lease })
      if (entry.mapping !== undefined) {
        entry.mapping = { ...entry.mapping, expiresAt: expiryOf(lease) }
      }
    } catch (error) {
      signal.throwIfAborted()
      entry.reason = error instanceof Error ? error.message : String(error)
      this.#log('%s not mapped: %s', targetKey(entry.target), entry.reason)
      this.#on(entry, { type: 'refused' })
      this.#changed()
    }
  }

  async #publish(entry: Entry, lease: Lease): Promise<void> {
    const { externalIp, externalPort, method } = lease
    const addresses = this.#announcer.add(entry.target, lease)
    const isAnnounced = doubleNatOf(externalIp, this.#observedIps()) === undefined
    entry.mapping = {
      ...entry.target,
      method,
      externalIp,
      externalPort,
      expiresAt: expiryOf(lease),
      addresses,
      isAnnounced
    }
    this.#log('%s mapped to %s:%d by %s', targetKey(entry.target), externalIp, externalPort, method)
    if (isAnnounced) {
      await this.#announcer.announce(addresses, lease, this.#now())
    }
    this.#changed()
  }

  /** Also after the node stopped, so with a signal of its own. */
  #release(entry: Entry, lease: Lease): void {
    this.#track(
      withDeadline(new AbortController().signal, STOP_TIMEOUT_MS, async (signal) =>
        entry.link.race.unmap(this.#requestOf(entry, lease), lease, signal)
      )
    )
  }

  #requestOf({ target, nonce }: Entry, suggest: Lease | undefined): MapRequest {
    return {
      ...target,
      nonce,
      lifetimeMs: this.#options.mappingLifetimeMs,
      suggestedPort: suggest?.externalPort ?? target.internalPort,
      ...(suggest === undefined ? {} : { suggestedIp: suggest.externalIp })
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    const due = [...this.#entries.values()].flatMap(({ state }) => wakeAt(state) ?? [])
    if (due.length === 0 || this.#shutdown.signal.aborted) {
      return
    }
    this.#timer = setTimeout(
      () => {
        for (const entry of this.#entries.values()) {
          this.#on(entry, { type: 'tick' })
        }
      },
      Math.max(0, Math.min(...due) - this.#now())
    )
    this.#timer.unref()
  }

  #changed(): void {
    this.safeDispatchEvent('mapping:change', { detail: this.report() })
  }

  #run(work: (signal: AbortSignal) => Promise<void>): void {
    this.#track(work(this.#shutdown.signal))
  }

  #track(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => {
        this.#log('%e', error)
      })
      .finally(() => this.#working.delete(done))
    this.#working.add(done)
  }
}
