import type { AbortOptions, ComponentLogger, Logger, PeerId, PeerStore } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'
import type { Provider, ProviderRouting } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { blockKindOf } from '../block-kind.ts'
import type { Intake } from '../rate/limiter.ts'
import type { BlockOptions } from '../types.ts'
import { BlockClient } from './block-client.ts'
import { BlockServer } from './block-server.ts'
import type { BlockServerInit } from './block-server.ts'
import { BLOCK_PROTOCOL } from './constants.ts'
import { getBlock } from './get-block.ts'

const DEFAULT_TIMEOUT_MS = 30_000

/** A download asks for a root of one leaf this way first, and opens a session when it does not come soon. */
const ROOT_TIMEOUT_MS = 1000

/** Why a search for more peers ends. */
const OVER = new DOMException('the block is here', 'AbortError')

export interface BlocksComponents {
  readonly peerId: PeerId
  readonly registrar: Pick<Registrar, 'handle' | 'unhandle'>
  readonly connectionManager: Pick<ConnectionManager, 'openConnection' | 'getConnections'>
  readonly peerStore: Pick<PeerStore, 'merge'>
  readonly logger: ComponentLogger
}

export interface BlocksInit extends Omit<BlockServerInit, 'log' | 'block' | 'blockNow'> {
  /** The same as `local` for a peer that nothing caps, without waiting; `undefined` says nothing about it. */
  localNow(cid: CID, root: CID, peer: PeerId): Uint8Array | undefined
  /** A block that this node has; `undefined`: it has not. */
  local(cid: CID, root: CID): Promise<Uint8Array | undefined>
  /** Peers that are known to have something of a share, without a search. */
  known(root: CID): readonly PeerId[]
  routing(): ProviderRouting | undefined
  /** The peer sent a block with a wrong hash. */
  blame(peer: PeerId): void
  intake?(peer: PeerId): Intake
}

/** Single blocks, asked for and answered, beside the sessions of shares (SPEC.md#small-content). */
export class Blocks {
  readonly #components: BlocksComponents
  readonly #init: BlocksInit
  readonly #client: BlockClient
  readonly #log: Logger

  constructor(components: BlocksComponents, init: BlocksInit) {
    const log = components.logger.forComponent('p2pshare:transfer:block')
    this.#components = components
    this.#init = init
    this.#log = log
    const { connectionManager, peerStore } = components // it is a proxy: nothing can be spread out of it
    this.#client = new BlockClient({ ...init, connectionManager, peerStore, log })
  }

  /** Begin to answer. It ends with the shutdown signal. */
  async start(maxStreams: number): Promise<void> {
    const server = new BlockServer({
      ...this.#init,
      log: this.#log,
      block: async (cid, root) => this.#init.local(cid, root ?? cid),
      blockNow: (cid, root, peer) => this.#init.localNow(cid, root ?? cid, peer)
    })
    await this.#components.registrar.handle(BLOCK_PROTOCOL, server.onStream, {
      maxInboundStreams: maxStreams,
      maxOutboundStreams: maxStreams,
      runOnLimitedConnection: true
    })
  }

  async stop(): Promise<void> {
    await this.#components.registrar.unhandle(BLOCK_PROTOCOL)
    this.#client.close()
  }

  /** Nothing more is asked of a peer. */
  end(peer: PeerId): void {
    this.#client.end(peer)
  }

  /** See `Transfer.block`. */
  async get(cid: CID, options: BlockOptions): Promise<Uint8Array> {
    options.signal?.throwIfAborted()
    blockKindOf(cid) // of another hash or codec nothing could be verified
    const root = options.root ?? cid
    const own = await this.#local(cid, root)
    if (own !== undefined) {
      return own
    }
    // most blocks come without a search, and an abort takes longer than much of the rest
    let search: AbortController | undefined
    const searching = (): AbortSignal => (search ??= new AbortController()).signal
    try {
      return await getBlock({
        cid,
        providers: this.#providers(root, options, searching),
        timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        ask: async (provider, asked) => this.#client.ask(provider, cid, options.root, asked),
        ...(options.signal && { signal: options.signal })
      })
    } finally {
      search?.abort(OVER)
    }
  }

  /** The root of a share from peers that were named, soon or not at all; and who sent it. */
  async root(
    cid: CID,
    providers: readonly Provider[],
    { signal }: AbortOptions
  ): Promise<{ readonly block: Uint8Array; readonly peer: PeerId } | undefined> {
    let sender: PeerId | undefined
    const ask = async (provider: Provider, asked: AbortOptions): Promise<Uint8Array> => {
      const block = await this.#client.ask(provider, cid, undefined, asked)
      sender ??= provider.id
      return block
    }
    try {
      const named = this.#named(providers)
      const block = await getBlock({
        cid,
        providers: named,
        timeoutMs: ROOT_TIMEOUT_MS,
        ask,
        ...(signal && { signal })
      })
      return sender && { block, peer: sender }
    } catch (error) {
      this.#log('%c is fetched over a session - %e', cid, error)
      return undefined
    }
  }

  /** A block that is not readable here may be had from others. */
  async #local(cid: CID, root: CID): Promise<Uint8Array | undefined> {
    try {
      return await this.#init.local(cid, root)
    } catch (error) {
      this.#log('%c is asked of others - %e', cid, error)
      return undefined
    }
  }

  async *#named(providers: readonly Provider[]): AsyncGenerator<Provider> {
    for (const provider of providers) {
      if (this.#isAllowed(provider.id)) {
        yield provider
      }
    }
  }

  /** Those the user named, with an open link first; those who are at work on the share; those who are found. */
  async *#providers(
    root: CID,
    { providers = [] }: BlockOptions,
    searching: () => AbortSignal
  ): AsyncGenerator<Provider> {
    yield* this.#named([
      ...providers.filter(({ id }) => this.#client.has(id)),
      ...providers.filter(({ id }) => !this.#client.has(id)),
      ...this.#init.known(root).map((id) => ({ id, multiaddrs: [] }))
    ])
    for await (const provider of this.#init.routing()?.findProviders(root, { signal: searching() }) ?? []) {
      if (this.#isAllowed(provider.id)) {
        yield provider
      }
    }
  }

  #isAllowed(peer: PeerId): boolean {
    return !peer.equals(this.#components.peerId) && !this.#init.isBanned(peer)
  }
}
