import { access } from 'node:fs/promises'
import type { AbortOptions, ComponentLogger, Connection, Logger, PeerId, PeerStore, Startable } from '@libp2p/interface'
import { serviceCapabilities } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'
import { NotStartedError } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import type { CID } from 'multiformats/cid'
import { blockKindOf } from './block-kind.ts'
import { TRANSFER_PROTOCOL } from './constants.ts'
import { DownloadMonitor } from './download.ts'
import { AlreadyFetchingError, SourceChangedError } from './errors.ts'
import { copyShare, holdsAll } from './copy-share.ts'
import type { CopyInit } from './copy-share.ts'
import { Fetch, filesOf, targetOf } from './fetch.ts'
import { importPath } from './import/importer.ts'
import type { TransferOptions } from './options.ts'
import { Acceptor } from './session/acceptor.ts'
import type { LanePair } from './session/handshake.ts'
import { streamLane } from './session/lane.ts'
import { Session } from './session/session.ts'
import { Connector } from './share/connector.ts'
import { Discovery } from './share/discovery.ts'
import { closeEntry, isFetching, toShare } from './share/entry.ts'
import type { Entry, ShareInfo } from './share/entry.ts'
import { Library } from './share/library.ts'
import { SessionTable } from './share/session-table.ts'
import { Swarm } from './share/swarm.ts'
import type { SwarmEvents } from './share/swarm.ts'
import { forwardTo, SILENT } from './share/swarm-events.ts'
import { errnoOf } from './store/fs.ts'
import type { GetOptions, ImportOptions, Share, Transfer, TransferCollaborators, TransferEvent } from './types.ts'
import type { RejectReason } from './wire/codec.ts'

/** Peers remembered for having sent wrong bytes, until this node restarts; the oldest is forgiven first. */
export const MAX_BANNED_PEERS = 10_000

const DEFAULT_FIND_TIMEOUT_MS = 30_000
const DEFAULT_STALL_TIMEOUT_MS = 120_000

/** What `transfer()` needs from the node that hosts it. */
export interface TransferComponents {
  readonly peerId: PeerId
  readonly registrar: Registrar
  readonly connectionManager: ConnectionManager
  readonly peerStore: PeerStore
  readonly logger: ComponentLogger
}

/** The service behind `transfer()`: entries, their sessions, and what wakes, fetches and serves them. */
export class TransferService implements Transfer, Startable {
  readonly [Symbol.toStringTag] = '@p2pshare/transfer'
  readonly [serviceCapabilities] = ['@p2pshare/transfer']
  readonly #components: TransferComponents
  readonly #options: TransferOptions
  readonly #log: Logger
  readonly #library: Library
  readonly #entries = new Map<string, Entry>()
  readonly #banned = new Set<string>()
  readonly #sessions: SessionTable
  #collaborators: TransferCollaborators = {}
  #shutdown: AbortController | undefined

  constructor(components: TransferComponents, options: TransferOptions) {
    this.#components = components
    this.#options = options
    this.#log = components.logger.forComponent('p2pshare:transfer')
    this.#library = new Library(options.directory, this.#log)
    this.#sessions = new SessionTable(components.peerId, options.maxSessions)
  }

  use(collaborators: TransferCollaborators): void {
    this.#collaborators = { ...this.#collaborators, ...collaborators }
  }

  isStarted(): boolean {
    return this.#shutdown !== undefined
  }

  async start(): Promise<void> {
    if (this.#shutdown !== undefined) {
      return
    }
    const shutdown = new AbortController()
    this.#shutdown = shutdown
    for (const info of await this.#library.open()) {
      const entry = this.#newEntry(info)
      entry.asleep = true
      this.#remember(entry)
    }
    const acceptor = new Acceptor({
      shutdown: shutdown.signal,
      admit: (peer, root) => this.#admit(peer, root),
      accepted: (peer, root, lanes, connection) => {
        this.#join(peer, root, lanes, connection, false)
      }
    })
    await this.#components.registrar.handle(TRANSFER_PROTOCOL, acceptor.onStream, {
      maxInboundStreams: this.#options.maxStreams,
      maxOutboundStreams: this.#options.maxStreams,
      runOnLimitedConnection: true
    })
    for (const entry of this.#entries.values()) {
      this.#discovery(entry).exchange()
    }
  }

  async stop(): Promise<void> {
    const shutdown = this.#shutdown
    if (shutdown === undefined) {
      return
    }
    this.#shutdown = undefined
    shutdown.abort()
    await this.#components.registrar.unhandle(TRANSFER_PROTOCOL)
    await Promise.all([...this.#entries.values()].map((entry) => closeEntry(entry, 'this node is stopping')))
    this.#entries.clear()
  }

  async id(path: string, options: ImportOptions = {}): Promise<CID> {
    const { root } = await importPath(path, { node: () => undefined }, options)
    return root
  }

  async share(path: string, options: ImportOptions = {}): Promise<Share> {
    const shutdown = this.#requireStarted()
    const imported = await this.#library.import(path, options)
    const { root } = imported.info
    for (let former = this.#entries.get(root.toString()); former !== undefined;) {
      await this.#close(former, 'shared again')
      former = this.#entries.get(root.toString())
    }
    if (shutdown.signal.aborted) {
      await Promise.all([imported.content.store.close(), imported.nodes.close()])
      throw new NotStartedError('the transfer service was stopped')
    }
    const entry = this.#newEntry(imported.info)
    entry.nodes = imported.nodes
    entry.content = imported.content
    entry.swarm.activate(imported.content)
    this.#remember(entry)
    this.#discovery(entry).exchange()
    return toShare(entry)
  }

  async announce(root: CID, options: AbortOptions = {}): Promise<void> {
    await this.#collaborators.routing?.provide(root, options)
  }

  shares(): readonly Share[] {
    return [...this.#entries.values()].map(toShare)
  }

  async unshare(root: CID): Promise<void> {
    const entry = this.#entries.get(root.toString())
    if (entry !== undefined) {
      entry.swarm.withdraw()
      await this.#close(entry, 'no longer shared')
    }
    // one whose files had changed is not served any more, but still remembered
    await this.#library.remove(root)
    await this.#collaborators.routing?.cancelProvide(root)
  }

  async *get(root: CID, options: GetOptions = {}): AsyncGenerator<TransferEvent, void, undefined> {
    const shutdown = this.#requireStarted()
    options.signal?.throwIfAborted()
    blockKindOf(root) // another hash or codec: every honest peer would seem to send wrong bytes
    const { name, target } = targetOf(root, options)
    const own = await this.#own(root, options)
    if (own !== undefined) {
      yield* copyShare({ root, name, target, ...own, options })
      return
    }
    if (this.#entries.has(root.toString())) {
      throw new AlreadyFetchingError(root) // another call got here first
    }
    shutdown.signal.throwIfAborted()
    const info: ShareInfo = { root, name, path: target, kind: 'file', bytes: 0, files: 0, leaves: 0 }
    const entry = this.#newEntry(info)
    const signal = anySignal([options.signal, shutdown.signal, entry.abort.signal])
    const fetch = this.#newFetch(entry, { ...options, signal })
    this.#remember(entry)
    let complete = false
    try {
      for await (const event of fetch.run()) {
        complete ||= event.type === 'done'
        yield event
      }
    } finally {
      signal.clear()
      entry.seek.abort()
      entry.events = this.#seedEvents(entry)
      if (!complete || options.seed === false) {
        await this.#close(entry, complete ? 'not seeding' : 'the download stopped')
        await this.#stopProviding(root)
      }
    }
  }

  /** What of a root this node has already, if it is all that is wanted. A share whose files are gone is forgotten. */
  async #own(root: CID, options: GetOptions): Promise<Pick<CopyInit, 'content' | 'files'> | undefined> {
    const entry = this.#entries.get(root.toString())
    if (entry === undefined) {
      return undefined
    }
    try {
      await this.#wake(entry)
      await access(entry.info.path)
    } catch (error) {
      if (isFetching(entry) && !entry.asleep) {
        throw new AlreadyFetchingError(root, { cause: error })
      }
      if (!(error instanceof SourceChangedError) && errnoOf(error) !== 'ENOENT') {
        throw error // it may be there again in a moment: keep what is known of it
      }
      this.#log('%c is not where it was, fetching it again - %e', root, error)
      await this.#close(entry, 'its files are gone')
      await this.#library.remove(root)
      return undefined
    }
    if (isFetching(entry) || entry.content === undefined) {
      throw new AlreadyFetchingError(root)
    }
    const files = filesOf(entry.content.map, options)
    if (holdsAll(entry.content, files)) {
      return { content: entry.content, files }
    }
    await this.#close(entry, 'more of it is wanted')
    return undefined
  }

  #newFetch(entry: Entry, options: GetOptions & { signal: AbortSignal }): Fetch {
    const { root } = entry
    const monitor = new DownloadMonitor({
      root,
      findTimeoutMs: options.findTimeoutMs ?? DEFAULT_FIND_TIMEOUT_MS,
      stallTimeoutMs: options.stallTimeoutMs ?? DEFAULT_STALL_TIMEOUT_MS,
      canSearch: this.#collaborators.routing !== undefined || this.#collaborators.exchange !== undefined,
      path: (peer) => this.#collaborators.paths?.path(peer).kind ?? 'direct',
      ban: (peer) => {
        this.#ban(peer)
      }
    })
    entry.events = monitor.events
    const connector = this.#connector(entry)
    const discovery = this.#discovery(entry, connector)
    monitor.watch({ entry, connector, discovery })
    for (const provider of options.providers ?? []) {
      connector.add(provider).catch((error: unknown) => {
        this.#log.error('could not add provider %p - %e', provider.id, error)
      })
    }
    discovery.search()
    discovery.exchange()
    return new Fetch({ entry, monitor, discovery, options, library: this.#library })
  }

  #newEntry(info: ShareInfo): Entry {
    const entry: Entry = {
      root: info.root,
      info,
      abort: new AbortController(),
      seek: new AbortController(),
      bytesSent: 0,
      asleep: false,
      events: SILENT,
      swarm: new Swarm({
        root: info.root,
        self: this.#components.peerId,
        log: this.#log,
        node: async (cid) => {
          await this.#wake(entry)
          return entry.nodes?.get(cid)
        },
        events: forwardTo(
          () => entry.events,
          (bytes) => {
            entry.bytesSent += bytes
          }
        )
      })
    }
    entry.events = this.#seedEvents(entry)
    return entry
  }

  /** What a share that is only served reports: nobody waits for it. */
  #seedEvents(entry: Entry): SwarmEvents {
    return {
      ...SILENT,
      failed: (error) => {
        this.#log.error('%c cannot be served any more - %e', entry.root, error)
        this.#withdraw(entry)
      }
    }
  }

  /** The user's file is not what was shared: stop serving it, keep the record for them to see. */
  #withdraw(entry: Entry): void {
    entry.swarm.withdraw()
    this.#close(entry, 'the source changed')
      .then(async () => this.#stopProviding(entry.root))
      .catch((error: unknown) => {
        this.#log.error('closing %c failed - %e', entry.root, error)
      })
  }

  /** Nobody should be sent here for a root that is not served. */
  async #stopProviding(root: CID): Promise<void> {
    try {
      await this.#collaborators.routing?.cancelProvide(root)
    } catch (error) {
      this.#log.error('%c is still announced - %e', root, error)
    }
  }

  #discovery(entry: Entry, connector?: Connector): Discovery {
    return new Discovery({
      root: entry.root,
      collaborators: this.#collaborators,
      log: this.#log,
      signal: entry.abort.signal,
      searching: entry.seek.signal,
      found: async (provider) => connector?.add(provider)
    })
  }

  #connector(entry: Entry): Connector {
    const { peerId, connectionManager, peerStore } = this.#components
    return new Connector({
      root: entry.root,
      self: peerId,
      connectionManager,
      peerStore,
      log: this.#log,
      signal: entry.seek.signal,
      skip: (peer) => this.#sessions.has(peer, entry.root) || this.#banned.has(peer.toString()),
      opened: (peer, lanes, connection) => {
        this.#join(peer, entry.root, lanes, connection, true)
      }
    })
  }

  #admit(peer: PeerId, root: CID): RejectReason | undefined {
    const entry = this.#entries.get(root.toString())
    if (entry === undefined) {
      return 'unknown-root'
    }
    if (this.#banned.has(peer.toString())) {
      return 'banned'
    }
    const refusal = this.#sessions.refusal(peer, root)
    if (refusal === undefined) {
      this.#wake(entry).catch((error: unknown) => {
        this.#log.error('%c cannot be served - %e', root, error)
        if (error instanceof SourceChangedError) {
          this.#withdraw(entry)
        }
      })
    }
    return refusal
  }

  #join(peer: PeerId, root: CID, lanes: LanePair, connection: Connection, outbound: boolean): void {
    const session = new Session({ peer, root, control: streamLane(lanes.control), data: streamLane(lanes.data) })
    const entry = this.#entries.get(root.toString())
    if (entry === undefined) {
      session.reject('unknown-root')
    } else if (this.#sessions.add(session, connection, outbound)) {
      entry.swarm.add(session)
    }
  }

  /** Open a share that was remembered from an earlier run; at once for all others. */
  async #wake(entry: Entry): Promise<void> {
    if (entry.asleep) {
      entry.waking ??= this.#open(entry)
    }
    await entry.waking
  }

  async #open(entry: Entry): Promise<void> {
    try {
      const { nodes, content } = await this.#library.wake(entry.root)
      entry.nodes = nodes
      entry.content = content
      entry.asleep = false
      entry.swarm.activate(content)
    } catch (error) {
      delete entry.waking // the next one who asks tries again
      throw error
    }
  }

  #ban(peer: PeerId): void {
    this.#banned.add(peer.toString())
    const [oldest] = this.#banned
    if (this.#banned.size > MAX_BANNED_PEERS && oldest !== undefined) {
      this.#banned.delete(oldest)
    }
    this.#sessions.reject(peer, 'banned')
  }

  #remember(entry: Entry): void {
    this.#entries.set(entry.root.toString(), entry)
  }

  async #close(entry: Entry, reason: string): Promise<void> {
    if (this.#entries.get(entry.root.toString()) === entry) {
      this.#entries.delete(entry.root.toString())
    }
    await closeEntry(entry, reason)
  }

  #requireStarted(): AbortController {
    if (this.#shutdown === undefined) {
      throw new NotStartedError('the transfer service is not started')
    }
    return this.#shutdown
  }
}
