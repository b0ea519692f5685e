import type { AbortOptions, Connection, Logger, PeerId, Startable } from '@libp2p/interface'
import { serviceCapabilities } from '@libp2p/interface'
import { NotStartedError } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import { TypedEventEmitter } from 'main-event'
import type { CID } from 'multiformats/cid'
import type { Ban, BanOptions } from './bans/ban.ts'
import { Bans } from './bans/bans.ts'
import type { Blocks } from './block/blocks.ts'
import { TRANSFER_PROTOCOL } from './constants.ts'
import { Downloads } from './downloads.ts'
import type { Choice } from './fetch/choice.ts'
import { computeId } from './import/import-id.ts'
import { Launcher } from './launch.ts'
import type { TransferOptions } from './options.ts'
import { ShareSecret } from './private/secret.ts'
import { NodeLimits } from './rate/rate-limits.ts'
import { clearReads, readsDirectory } from './read/leftovers.ts'
import { Reads } from './read/reads.ts'
import { Acceptor } from './session/acceptor.ts'
import { channelAccess, findBulkChannels } from './session/channel-target.ts'
import type { ChannelAccess } from './session/channel-target.ts'
import type { LanePair } from './session/handshake.ts'
import { streamLane } from './session/lane.ts'
import { SendBudget } from './session/send-budget.ts'
import { Session } from './session/session.ts'
import type { Connector } from './share/connector.ts'
import { releaseFiles, toShare } from './share/entry.ts'
import { Library } from './share/library.ts'
import { watchLiveness } from './share/liveness-watch.ts'
import { Scrubs } from './share/scrubs.ts'
import { SessionMoves } from './share/session-moves.ts'
import { SessionTable } from './share/session-table.ts'
import { shareBlocks } from './share/share-blocks.ts'
import { Shares } from './share/shares.ts'
import type { SharesInit } from './share/shares.ts'
import type {
  BlockOptions,
  GetOptions,
  ImportOptions,
  LimitsInForce,
  RateLimits,
  ReadOptions,
  ScrubOptions,
  ScrubReport,
  Share,
  ShareEvents,
  ShareOptions,
  Transfer,
  TransferCollaborators,
  TransferEvent,
  VerifyOptions,
  VerifyReport
} from './types.ts'
import type { RejectReason } from './wire/codec.ts'
import type { TransferComponents } from './transfer-components.ts'
import { waitFor } from './unless-aborted.ts'
import { LeafWorkers } from './worker/leaf-workers.ts'

export type { TransferComponents } from './transfer-components.ts'

/** The service behind `transfer()`: entries, their sessions, and what wakes, fetches and serves them. */
export class TransferService extends TypedEventEmitter<ShareEvents> implements Transfer, Startable {
  readonly [Symbol.toStringTag] = '@p2pshare/transfer'
  readonly [serviceCapabilities] = ['@p2pshare/transfer']
  readonly #components: TransferComponents
  readonly #options: TransferOptions
  readonly #log: Logger
  readonly #library: Library
  readonly #shares: Shares
  readonly #bans: Bans
  readonly #sessions: SessionTable
  readonly #moves: SessionMoves
  readonly #limits: NodeLimits
  readonly #budget = new SendBudget()
  readonly #scrubs: Scrubs
  readonly #downloads: Downloads
  readonly #reads: Reads
  /** Of downloads that run. */
  readonly #connectors = new Set<Connector>()
  #collaborators: TransferCollaborators = {}
  #shutdown: AbortController | undefined
  /** Hash and write beside the main thread, for imports and downloads; here from `start()` to `stop()`. */
  #workers: LeafWorkers | undefined
  #blocks: Blocks | undefined

  constructor(components: TransferComponents, options: TransferOptions) {
    super()
    this.#components = components
    this.#options = options
    this.#log = components.logger.forComponent('p2pshare:transfer')
    this.#library = new Library(options.directory, this.#log)
    this.#sessions = new SessionTable(components.peerId, options.maxSessions, (peer) => {
      this.#bans.blame(peer, 'broken-rules')
    })
    this.#moves = new SessionMoves(components, {
      sessions: this.#sessions,
      log: this.#log,
      paths: () => this.#collaborators.paths,
      access: (connection) => this.#channelAccess(connection)
    })
    this.#limits = new NodeLimits(options)
    const tell: SharesInit['tell'] = (type, detail) => {
      this.safeDispatchEvent(type, { detail })
    }
    this.#bans = new Bans({
      directory: options.directory,
      log: this.#log,
      banned: this.#banned.bind(this),
      pardoned: this.#pardoned.bind(this)
    })
    this.#shares = new Shares({
      self: components.peerId,
      log: this.#log,
      library: this.#library,
      limiter: this.#limits.limiter,
      workers: () => this.#workers ?? new LeafWorkers({ workers: 0 }),
      collaborators: () => this.#collaborators,
      blame: (peer, offence) => {
        this.#bans.blame(peer, offence)
      },
      tell
    })
    const common = { log: this.#log, shares: this.#shares, library: this.#library }
    this.#scrubs = new Scrubs({ ...common, options, tell })
    const parts = { ...common, launcher: this.#newLauncher(components) }
    const stopping = (): AbortSignal => this.#requireStarted().signal
    this.#downloads = new Downloads({ ...parts, stopping, closeReads: async (root) => this.#reads.close(root) })
    const directory = readsDirectory(options.directory)
    this.#reads = new Reads({ ...parts, stopping, directory, downloads: this.#downloads })
  }

  #newLauncher(components: TransferComponents): Launcher {
    return new Launcher({
      components,
      log: this.#log,
      shares: this.#shares,
      sessions: this.#sessions,
      connectors: this.#connectors,
      blocks: () => this.#blocks,
      collaborators: () => this.#collaborators,
      ban: (peer) => this.#bans.get(peer),
      join: (peer, root, lanes, connection) => {
        this.#join(peer, root, lanes, connection, true)
      }
    })
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
    const { workers } = this.#options
    this.#workers = new LeafWorkers({ workers, log: this.#log })
    await clearReads(readsDirectory(this.#options.directory), this.#log)
    await this.#bans.start()
    for (const info of await this.#library.open()) {
      this.#shares.addAsleep(info)
    }
    const acceptor = new Acceptor({
      shutdown: shutdown.signal,
      admit: (peer, root) => this.#admit(peer, root),
      admitMove: (peer, hello) => this.#moves.admit(peer, hello),
      accepted: (peer, root, lanes, connection) => {
        if (lanes.move === 0) {
          this.#join(peer, root, lanes, connection, false)
        } else {
          this.#moves.accepted(peer, root, lanes, connection)
        }
      }
    })
    this.#moves.start(shutdown.signal)
    const watched = { log: this.#log, entries: () => this.#shares, connectors: this.#connectors }
    watchLiveness(this.#collaborators.membership, { ...watched, signal: shutdown.signal })
    await this.#components.registrar.handle(TRANSFER_PROTOCOL, acceptor.onStream, {
      maxInboundStreams: this.#options.maxStreams,
      maxOutboundStreams: this.#options.maxStreams,
      runOnLimitedConnection: true
    })
    this.#blocks = shareBlocks(this.#components, {
      shutdown: shutdown.signal,
      shares: this.#shares,
      limiter: this.#limits.limiter,
      bans: this.#bans,
      routing: () => this.#collaborators.routing
    })
    await this.#blocks.start(this.#options.maxStreams)
    for (const entry of this.#shares) {
      this.#shares.discovery(entry).exchange()
    }
    void this.#scrubs.run(shutdown.signal)
  }

  async stop(): Promise<void> {
    const shutdown = this.#shutdown
    if (shutdown === undefined) {
      return
    }
    this.#shutdown = undefined
    shutdown.abort()
    await this.#components.registrar.unhandle(TRANSFER_PROTOCOL)
    await this.#blocks?.stop()
    this.#blocks = undefined
    await this.#reads.stop()
    await this.#shares.closeAll('this node is stopping')
    await this.#workers?.close()
    this.#workers = undefined
    await this.#bans.stop()
  }

  async id(path: string, options: ImportOptions = {}): Promise<CID> {
    return computeId(path, options, this.#workers)
  }

  async share(path: string, options: ShareOptions = {}): Promise<Share> {
    const shutdown = this.#requireStarted()
    const secret = options.private === true ? ShareSecret.create() : undefined
    const imported = await this.#import(path, options, shutdown.signal, secret)
    const { root } = imported.info
    for (let former = this.#shares.get(root); former !== undefined; former = this.#shares.get(root)) {
      await this.#shares.close(former, 'shared again')
    }
    if (shutdown.signal.aborted) {
      await releaseFiles(imported)
      throw new NotStartedError('the transfer service was stopped')
    }
    const share = toShare(this.#shares.serve(imported.info, imported))
    return secret === undefined ? share : { ...share, secret }
  }

  async #import(
    path: string,
    options: ImportOptions,
    stopping: AbortSignal,
    secret: ShareSecret | undefined
  ): ReturnType<Library['import']> {
    const signal = anySignal([options.signal, stopping])
    try {
      return await this.#library.import(path, { ...options, signal }, { shared: this.#workers, secret })
    } catch (error) {
      throw stopping.aborted ? new NotStartedError('the transfer service was stopped', { cause: error }) : error
    } finally {
      signal.clear()
    }
  }

  setLimits(limits: RateLimits): void {
    this.#limits.setNode(limits)
  }

  limitShare(root: CID, limits: RateLimits): void {
    this.#limits.setShare(root, limits)
  }

  limitPeer(peer: PeerId, limits: RateLimits): void {
    this.#limits.setPeer(peer, limits)
  }

  limits(): LimitsInForce {
    return this.#limits.inForce()
  }

  bans(): readonly Ban[] {
    return this.#bans.list()
  }

  async ban(peer: PeerId, options: BanOptions = {}): Promise<Ban> {
    return waitFor(async () => this.#bans.ban(peer, options), options)
  }

  async unban(peer: PeerId, options: AbortOptions = {}): Promise<boolean> {
    return waitFor(async () => this.#bans.unban(peer), options)
  }

  async announce(root: CID, options: AbortOptions = {}): Promise<void> {
    await this.#collaborators.routing?.provide(root, options)
  }

  async block(cid: CID, options: BlockOptions = {}): Promise<Uint8Array> {
    if (this.#blocks === undefined) {
      throw new NotStartedError('the transfer service is not started')
    }
    return this.#blocks.get(cid, options)
  }

  shares(): readonly Share[] {
    return [...this.#shares].map(toShare)
  }

  async verify(root: CID, options: VerifyOptions = {}): Promise<VerifyReport> {
    return this.#shares.verify(root, options)
  }

  async scrub(options: ScrubOptions = {}): Promise<ScrubReport> {
    return this.#scrubs.now(options)
  }

  async unshare(root: CID, options: AbortOptions = {}): Promise<void> {
    await waitFor(async () => this.#unshare(root), options)
  }

  async #unshare(root: CID): Promise<void> {
    const entry = this.#shares.get(root)
    if (entry !== undefined) {
      entry.swarm.withdraw()
      await this.#shares.close(entry, 'no longer shared')
    }
    // one whose files had changed is not served any more, but still remembered
    await this.#library.remove(root)
    await this.#collaborators.routing?.cancelProvide(root)
  }

  async *get(root: CID, options: GetOptions = {}): AsyncGenerator<TransferEvent, void, undefined> {
    yield* this.#downloads.get(root, options)
  }

  async choose(root: CID, choice: Choice, options: AbortOptions = {}): Promise<void> {
    return waitFor(async () => this.#downloads.choose(root, choice), options)
  }

  async *read(root: CID, options: ReadOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.#reads.read(root, options)
  }

  #admit(peer: PeerId, root: CID): RejectReason | undefined {
    const entry = this.#shares.get(root)
    if (entry === undefined) {
      return 'unknown-root'
    }
    if (this.#bans.isBanned(peer)) {
      return 'banned'
    }
    const refusal = this.#sessions.refusal(peer, root)
    if (refusal === undefined) {
      this.#shares.rouse(entry)
    }
    return refusal
  }

  #join(peer: PeerId, root: CID, lanes: LanePair, connection: Connection, outbound: boolean): void {
    const session: Session = new Session({
      peer,
      root,
      control: streamLane(lanes.control),
      data: streamLane(lanes.data),
      rttMs: connection.rtt,
      access: this.#channelAccess(connection),
      budget: this.#budget,
      intake: this.#limits.limiter.intake({ share: root.toString(), peer: peer.toString() }),
      moves: this.#moves.of(lanes, () => session)
    })
    const entry = this.#shares.get(root)
    if (entry === undefined || this.#bans.isBanned(peer)) {
      session.reject(entry === undefined ? 'unknown-root' : 'banned')
    } else if (this.#sessions.add(session, connection, outbound)) {
      entry.swarm.add(session)
      if (outbound) {
        this.#moves.opened(session, connection)
      }
    }
  }

  /** How bulk channels beside a connection are opened, if this node has any. */
  #channelAccess(connection: Connection): ChannelAccess | undefined {
    const { transportManager } = this.#components
    return this.#options.bulkChannels ? channelAccess(connection, findBulkChannels(transportManager)) : undefined
  }

  #banned(ban: Ban): void {
    for (const connector of this.#connectors) {
      connector.banned(ban)
    }
    this.#shares.ban(ban.peer, ban.reason)
    this.#sessions.reject(ban.peer, 'banned')
    this.#blocks?.end(ban.peer)
    this.safeDispatchEvent('peer:banned', { detail: ban })
  }

  #pardoned(peer: PeerId): void {
    for (const connector of this.#connectors) {
      connector.pardoned(peer)
    }
    this.safeDispatchEvent('peer:unbanned', { detail: { peer } })
  }

  #requireStarted(): AbortController {
    if (this.#shutdown === undefined) {
      throw new NotStartedError('the transfer service is not started')
    }
    return this.#shutdown
  }
}
