import type { Connection, Logger, PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { Ban } from './bans/ban.ts'
import type { Blocks } from './block/blocks.ts'
import { DownloadMonitor } from './download.ts'
import { fetchRootBlock } from './fetch-root-block.ts'
import { timesOf } from './give-up.ts'
import type { LanePair } from './session/handshake.ts'
import { Connector } from './share/connector.ts'
import type { Discovery } from './share/discovery.ts'
import { isFetching } from './share/entry.ts'
import type { Entry } from './share/entry.ts'
import type { SessionTable } from './share/session-table.ts'
import type { Shares } from './share/shares.ts'
import type { TransferComponents } from './transfer-components.ts'
import type { GetOptions, TransferCollaborators } from './types.ts'

export interface LauncherInit {
  readonly components: TransferComponents
  readonly log: Logger
  readonly shares: Shares
  readonly sessions: Pick<SessionTable, 'has'>
  /** Where the connectors of downloads that run are to be found. */
  readonly connectors: Set<Connector>
  readonly blocks: () => Blocks | undefined
  readonly collaborators: () => TransferCollaborators
  readonly ban: (peer: PeerId) => Ban | undefined
  /** A session was opened. */
  readonly join: (peer: PeerId, root: CID, lanes: LanePair, connection: Connection) => void
}

/** A download that looks for peers. */
export interface Launched {
  readonly monitor: DownloadMonitor
  readonly discovery: Discovery
  /** The verified block of the root, if it can be had without a session. */
  readonly rootBlock?: Promise<Uint8Array | undefined>
  /** More peers to ask. */
  readonly add: (options: Pick<GetOptions, 'providers'>) => void
}

/** Sets up what every download needs: who watches it, who looks for peers, who connects to them. */
export class Launcher {
  readonly #init: LauncherInit

  constructor(init: LauncherInit) {
    this.#init = init
  }

  launch(entry: Entry, options: GetOptions & { readonly signal: AbortSignal }): Launched {
    const { shares } = this.#init
    const monitor = this.#monitor(entry, options)
    entry.events = monitor.events
    const connector = this.#connector(entry)
    const discovery = shares.discovery(entry, connector)
    monitor.watch({ entry, connector, discovery })
    const rootBlock = fetchRootBlock(this.#init.blocks(), entry, options, monitor)
    if (rootBlock !== undefined) {
      connector.holdUntil(rootBlock)
    }
    const add = ({ providers = [] }: Pick<GetOptions, 'providers'>): void => {
      for (const provider of providers) {
        connector.add(provider).catch((error: unknown) => {
          this.#init.log.error('could not add provider %p - %e', provider.id, error)
        })
      }
    }
    add(options)
    discovery.search({ isNamed: (options.providers?.length ?? 0) > 0 })
    discovery.exchange()
    return { monitor, discovery, add, ...(rootBlock && { rootBlock }) }
  }

  #monitor({ root }: Entry, options: GetOptions): DownloadMonitor {
    const { components, collaborators } = this.#init
    const { routing, exchange } = collaborators()
    return new DownloadMonitor({
      root,
      ...timesOf(options),
      canSearch: routing !== undefined || exchange !== undefined,
      path: (peer) => collaborators().paths?.path(peer).kind ?? 'direct',
      limits: (peer) => components.connectionManager.getConnections(peer).find(({ limits }) => limits)?.limits
    })
  }

  #connector(entry: Entry): Connector {
    const { components, log, sessions, connectors, collaborators, ban, join } = this.#init
    const { peerId, connectionManager, peerStore } = components
    const connector = new Connector({
      root: entry.root,
      self: peerId,
      connectionManager,
      peerStore,
      log,
      signal: entry.seek.signal,
      // nothing missing, nobody dialled: complete peers would open and end sessions for ever
      skip: (peer) => !isFetching(entry) || sessions.has(peer, entry.root),
      ban,
      membership: () => collaborators().membership,
      best: (peer) => collaborators().paths?.best?.(peer),
      first: (peer) => entry.swarm.first(peer),
      opened: (peer, lanes, connection) => {
        join(peer, entry.root, lanes, connection)
      }
    })
    return connector.keepIn(connectors)
  }
}
