import type { AbortOptions, Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * A transport with bulk channels carries them as `transport[bulkChannelsSymbol]`; a service looks for it in
 * `components.transportManager.getTransports()` and works without it.
 */
export const bulkChannelsSymbol = Symbol.for('@p2pshare/bulk-channels')

/** Bytes of a token: enough that it cannot be guessed by a peer that was not told. */
export const BULK_TOKEN_BYTES = 32

/**
 * Encrypted byte pipes beside a libp2p connection, on the same port and without a muxer. Each end knows the other's
 * peer id by its certificate, and a token that the two agreed on over libp2p binds the pipe to what they agreed on.
 */
export interface BulkChannels {
  /** Addresses at which this node takes bulk channels now. Empty when it does not listen, and when it needs no address. */
  addresses(): Multiaddr[]

  /**
   * Whether channels go beside this connection on its own path: no address is dialled then, opening one costs next to
   * nothing, and it ends with the path. Absent: never.
   */
  sharesPathOf?(connection: Connection): boolean

  /**
   * Let `peer` open one channel within `lifetimeMs`. Whoever else comes with the token, or comes with it again or too
   * late, is cut off.
   *
   * @throws TooManyChannelsError when the bounds on invitations or channels are reached
   */
  invite(peer: PeerId, options: BulkInviteOptions): BulkInvitation

  /**
   * Open the channel that `peer` gave the token for.
   *
   * @throws BulkChannelError when the address does not answer, answers as somebody else, or refuses the token
   */
  open(address: Multiaddr, peer: PeerId, token: Uint8Array, options: BulkOpenOptions): Promise<BulkChannel>
}

/** What an invitation says of the channel to come. */
export interface BulkInviteOptions {
  /** What reads the channel. */
  readonly sink: BulkSink
  /** The one on which the two agree, for channels that share its path. */
  readonly connection?: Connection | undefined
  /** @default 10_000 */
  readonly lifetimeMs?: number
}

/** What `open` needs to know of the channel. */
export interface BulkOpenOptions extends AbortOptions {
  /** What reads the channel. */
  readonly sink: BulkSink
  /** The one on which the two agree, for channels that share its path. */
  readonly connection?: Connection | undefined
}

/** A token that waits for its peer. */
export interface BulkInvitation {
  readonly token: Uint8Array
  /** The channel when the peer came; rejects when it did not come in time, or after `cancel()`. */
  readonly channel: Promise<BulkChannel>
  cancel(): void
}

/**
 * Says where the bytes that arrive belong, so that they are read there and never copied. The channel asks for a buffer
 * before each read, and then says how much of its start it filled.
 */
export interface BulkSink {
  /** A view that is not empty. Asked for again, and changed if the sink likes, before each read. */
  buffer(): Uint8Array
  /** The first `bytes` of the last buffer are filled. `false`: read no more until `resume()`. A throw aborts the channel. */
  filled(bytes: number): boolean
}

/** One open channel. */
export interface BulkChannel {
  readonly remotePeer: PeerId
  readonly remoteAddr: Multiaddr
  /** Bytes given to `write` that the system has not taken yet. */
  readonly queuedBytes: number
  /** Resolves once, when the channel ended in either way; the error if there was one. */
  readonly closed: Promise<Error | undefined>

  /**
   * Send the parts as one write. `false`: enough is queued, wait for `drained()`. `done` is called once, when the parts
   * are no longer referred to and may be changed: they were taken, or the channel ended.
   */
  write(parts: readonly Uint8Array[], done?: () => void): boolean
  /** Resolves when more may be written, or when the channel is closed. */
  drained(): Promise<void>
  /** Read on after `filled` returned `false`. */
  resume(): void
  /** Send what is queued, then end. */
  end(): void
  /** Drop what is queued and end at once. */
  abort(error: Error): void
}
