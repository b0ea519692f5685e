import type { ConnectionManager } from '@libp2p/interface-internal'
import type { AbortOptions, Logger, PeerId, PeerStore } from '@libp2p/interface'
import type { Provider } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import { VerificationFailedError } from '../errors.ts'
import { leafDigest } from '../leaf-block.ts'
import type { Intake } from '../rate/limiter.ts'
import { streamLane } from '../session/lane.ts'
import { BlockLink, BlockLinkClosedError } from './block-link.ts'
import { BLOCK_PROTOCOL } from './constants.ts'

/** An open link that nothing was asked on for this long is closed. */
export const LINK_IDLE_MS = 30_000

/** Links kept open; the one that was used the longest ago makes room. */
export const MAX_LINKS = 64

/** Connecting, encrypting, opening the stream: ten seconds is a slow relay. */
const OPEN_TIMEOUT_MS = 10_000

export interface BlockClientInit {
  readonly connectionManager: Pick<ConnectionManager, 'openConnection' | 'getConnections'>
  readonly peerStore: Pick<PeerStore, 'merge'>
  readonly log: Logger
  readonly shutdown: AbortSignal
  /** The peer sent a block with a wrong hash. */
  blame(peer: PeerId): void
  /** What a link to this peer tells of bytes that arrive. @default nothing: no cap */
  intake?(peer: PeerId): Intake
}

interface Row {
  readonly link: Promise<BlockLink>
  open: BlockLink | undefined
  idle: NodeJS.Timeout | undefined
}

/**
 * Asks peers for single blocks, straight to memory. A link to a peer stays open for a while, so that the next block is
 * one round trip away.
 */
export class BlockClient {
  readonly #init: BlockClientInit
  /** In the order of use: the first was used the longest ago. */
  readonly #rows = new Map<string, Row>()

  constructor(init: BlockClientInit) {
    this.#init = init
    init.shutdown.addEventListener('abort', () => {
      this.close()
    })
  }

  /** Whether a link to this peer is open. */
  has(peer: PeerId): boolean {
    return this.#rows.get(peer.toString())?.open?.isOpen ?? false
  }

  get size(): number {
    return this.#rows.size
  }

  /**
   * The verified bytes of a block.
   *
   * @throws VerificationFailedError for wrong bytes; BlockRefusedError, BlockLinkClosedError; what dialling threw; the
   *   signal's reason.
   */
  async ask(provider: Provider, cid: CID, root: CID | undefined, { signal }: AbortOptions): Promise<Uint8Array> {
    const key = provider.id.toString()
    const reused = this.has(provider.id)
    try {
      return await this.#askOnce(key, provider, cid, root, signal)
    } catch (error) {
      // the peer may have closed an idle link while the request was on its way
      if (!reused || !(error instanceof BlockLinkClosedError) || signal?.aborted === true) {
        throw error
      }
      return this.#askOnce(key, provider, cid, root, signal)
    }
  }

  /** End the link to a peer: nothing more is asked of it. */
  end(peer: PeerId): void {
    this.#drop(peer.toString())
  }

  /** End every link. */
  close(): void {
    for (const key of [...this.#rows.keys()]) {
      this.#drop(key)
    }
  }

  async #askOnce(
    key: string,
    provider: Provider,
    cid: CID,
    root: CID | undefined,
    signal: AbortSignal | undefined
  ): Promise<Uint8Array> {
    const row = this.#row(key, provider)
    clearTimeout(row.idle)
    try {
      const link = row.open ?? (await abortable(row.link, signal))
      const block = await link.ask(cid, root, { ...(signal && { signal }) })
      this.#verify(provider.id, cid, block)
      return block
    } finally {
      this.#rest(key, row)
    }
  }

  #verify(peer: PeerId, cid: CID, block: Uint8Array): void {
    if (leafDigest('raw', block).compare(cid.multihash.digest) !== 0) {
      this.#init.blame(peer)
      throw new VerificationFailedError(`${peer.toString()} sent something else for ${cid.toString()}`)
    }
  }

  #row(key: string, provider: Provider): Row {
    const known = this.#rows.get(key)
    this.#rows.delete(key)
    // a link that has just ended is still listed
    const row = known === undefined || known.open?.isOpen === false ? this.#newRow(key, provider) : known
    this.#rows.set(key, row)
    this.#makeRoom()
    return row
  }

  #newRow(key: string, provider: Provider): Row {
    const row: Row = { link: this.#open(provider), open: undefined, idle: undefined }
    row.link
      .then(async (link) => {
        if (this.#rows.get(key) === row) {
          row.open = link
        } else {
          link.close() // it came too late
        }
        await link.closed
      })
      .catch((error: unknown) => {
        this.#init.log('no block link to %s - %e', key, error)
      })
      .finally(() => {
        this.#forget(key, row)
      })
    return row
  }

  async #open({ id, multiaddrs }: Provider): Promise<BlockLink> {
    const signal = anySignal([this.#init.shutdown, AbortSignal.timeout(OPEN_TIMEOUT_MS)])
    try {
      const connection = this.#init.connectionManager.getConnections(id).find(({ status }) => status === 'open')
      if (connection === undefined && multiaddrs.length > 0) {
        await this.#init.peerStore.merge(id, { multiaddrs: [...multiaddrs] }, { signal })
      }
      const opened = connection ?? (await this.#init.connectionManager.openConnection(id, { signal }))
      const stream = await opened.newStream(BLOCK_PROTOCOL, { signal, runOnLimitedConnection: true })
      return new BlockLink(streamLane(stream), this.#init.intake?.(id))
    } finally {
      signal.clear()
    }
  }

  /** Nothing is asked for now: wait a while for more. */
  #rest(key: string, row: Row): void {
    if (this.#rows.get(key) === row) {
      clearTimeout(row.idle)
      row.idle = setTimeout(() => {
        if (row.open?.pending === 0) {
          this.#drop(key)
        }
      }, LINK_IDLE_MS).unref()
    }
  }

  #makeRoom(): void {
    if (this.#rows.size > MAX_LINKS) {
      const [oldest] = this.#rows.keys()
      if (oldest !== undefined) {
        this.#drop(oldest)
      }
    }
  }

  #drop(key: string): void {
    const row = this.#rows.get(key)
    if (row !== undefined) {
      this.#forget(key, row)
      row.open?.close()
    }
  }

  #forget(key: string, row: Row): void {
    clearTimeout(row.idle)
    if (this.#rows.get(key) === row) {
      this.#rows.delete(key)
    }
  }
}

/** Wait for something that goes on when this one no longer waits. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) {
    return work
  }
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = (): void => {
    reject(asError(signal.reason))
  }
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
