import { randomBytes } from 'node:crypto'
import type { Connection, Logger, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { BULK_TOKEN_BYTES, InvalidOptionError } from '@p2pshare/interface'
import type {
  BulkChannel,
  BulkChannels,
  BulkInvitation,
  BulkInviteOptions,
  BulkOpenOptions,
  BulkSink
} from '@p2pshare/interface'
import type { UdxConnection } from '../connection.ts'
import type { Connections } from '../connections.ts'
import { UdxBulkChannelError, TooManyUdxChannelsError } from '../errors.ts'
import type { NativeStream } from '../native.ts'
import { UdxBulkChannel } from './channel.ts'
import {
  BULK_IDLE_LOOK_MS,
  BULK_IDLE_TIMEOUT_MS,
  INVITATION_LIFETIME_MS,
  MAX_CHANNELS,
  MAX_CHANNELS_PER_PEER,
  MAX_INVITATION_LIFETIME_MS
} from './constants.ts'
import { deriveBulkKeys } from './keys.ts'
import type { BulkRole } from './keys.ts'

export interface UdxBulkChannelsInit {
  readonly connections: Connections
  readonly log: Logger
}

interface Row {
  readonly peer: string
  bytes: number
  activeAt: number
}

/**
 * Bulk channels beside UDX connections: on the same socket, to the same place, so through the same hole. They need no
 * handshake, since both ends make everything out of the token that one gave the other over the connection.
 */
export class UdxBulkChannels implements BulkChannels {
  readonly #init: UdxBulkChannelsInit
  readonly #rows = new Map<UdxBulkChannel, Row>()
  #clock: NodeJS.Timeout | undefined

  constructor(init: UdxBulkChannelsInit) {
    this.#init = init
  }

  /** None: nobody can come who is not connected. */
  addresses(): Multiaddr[] {
    return []
  }

  sharesPathOf(connection: Connection): boolean {
    return connection.limits === undefined && this.#init.connections.beneath(connection) !== undefined
  }

  invite(peer: PeerId, { sink, connection, lifetimeMs = INVITATION_LIFETIME_MS }: BulkInviteOptions): BulkInvitation {
    if (!(lifetimeMs > 0 && lifetimeMs <= MAX_INVITATION_LIFETIME_MS)) {
      throw new InvalidOptionError('lifetimeMs', `${lifetimeMs} is not in 1 to ${MAX_INVITATION_LIFETIME_MS}`)
    }
    const token = randomBytes(BULK_TOKEN_BYTES)
    const channel = this.#create(connection, peer, token, 'inviter', sink)
    const timer = setTimeout(() => {
      channel.abort(new UdxBulkChannelError('not-taken', `the peer did not come within ${lifetimeMs} ms`))
    }, lifetimeMs)
    timer.unref()
    const coming = this.#whenHeard(channel).finally(() => {
      clearTimeout(timer)
    })
    coming.catch(() => undefined) // whoever awaits it hears of it all the same
    let hasCome = false
    void channel.heard.then(
      () => (hasCome = true),
      () => undefined
    )
    return {
      token,
      channel: coming,
      cancel: () => {
        if (!hasCome) {
          channel.abort(new UdxBulkChannelError('not-taken', 'the invitation was cancelled'))
        }
      }
    }
  }

  async open(_: Multiaddr, peer: PeerId, token: Uint8Array, options: BulkOpenOptions): Promise<BulkChannel> {
    const { sink, connection, signal } = options
    signal?.throwIfAborted()
    if (token.byteLength !== BULK_TOKEN_BYTES) {
      throw new UdxBulkChannelError('protocol', `a token has ${BULK_TOKEN_BYTES} bytes, not ${token.byteLength}`)
    }
    const channel = this.#create(connection, peer, token, 'opener', sink)
    const onAbort = (): void => {
      channel.abort(new UdxBulkChannelError('unreachable', 'nobody answered in time', { cause: signal?.reason }))
    }
    signal?.addEventListener('abort', onAbort)
    try {
      return await this.#whenHeard(channel)
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Ends all channels and invitations. */
  stop(): void {
    for (const channel of [...this.#rows.keys()]) {
      channel.abort(new UdxBulkChannelError('stopped', 'the node was stopped'))
    }
  }

  /** Reading begins when whoever waited for the channel has it. */
  async #whenHeard(channel: UdxBulkChannel): Promise<UdxBulkChannel> {
    await channel.heard
    setImmediate(() => {
      channel.resume()
    })
    return channel
  }

  #create(
    connection: Connection | undefined,
    peer: PeerId,
    token: Uint8Array,
    role: BulkRole,
    sink: BulkSink
  ): UdxBulkChannel {
    const { connections, log } = this.#init
    const below = connection && connections.beneath(connection)
    if (connection === undefined || below === undefined || below.isOver || !connection.remotePeer.equals(peer)) {
      throw new UdxBulkChannelError('unreachable', 'there is no UDX connection with the peer')
    }
    this.#checkBounds(peer.toString())
    const { lanes, ...keys } = deriveBulkKeys(token, role)
    const streams = openAll(lanes.map((ids) => () => connections.another(below, ids)))
    const channel = new UdxBulkChannel({
      streams,
      keys,
      role,
      sink,
      remotePeer: peer,
      remoteAddr: connection.remoteAddr
    })
    this.#rows.set(channel, { peer: peer.toString(), bytes: 0, activeAt: performance.now() })
    below.beside.add(channel)
    this.#clock ??= setInterval(this.#onTick, BULK_IDLE_LOOK_MS).unref()
    void channel.closed.then((error) => {
      log('the bulk channel with %p ended - %e', peer, error ?? 'in order')
      this.#forget(channel, below)
    })
    return channel
  }

  #checkBounds(peer: string): void {
    const ofPeer = [...this.#rows.values()].filter((row) => row.peer === peer).length
    if (ofPeer >= MAX_CHANNELS_PER_PEER) {
      throw new TooManyUdxChannelsError(MAX_CHANNELS_PER_PEER)
    }
    if (this.#rows.size >= MAX_CHANNELS) {
      throw new TooManyUdxChannelsError(MAX_CHANNELS)
    }
  }

  #forget(channel: UdxBulkChannel, below: UdxConnection): void {
    below.beside.delete(channel)
    this.#rows.delete(channel)
    if (this.#rows.size === 0) {
      clearInterval(this.#clock)
      this.#clock = undefined
    }
  }

  readonly #onTick = (): void => {
    const now = performance.now()
    for (const [channel, row] of this.#rows) {
      const bytes = channel.bytesReceived + channel.bytesSent
      if (bytes !== row.bytes) {
        row.bytes = bytes
        row.activeAt = now
      } else if (now - row.activeAt >= BULK_IDLE_TIMEOUT_MS) {
        channel.abort(new UdxBulkChannelError('idle', `nothing went over the channel for ${BULK_IDLE_TIMEOUT_MS} ms`))
      }
    }
  }
}

/** All, or none. */
function openAll(openers: ReadonlyArray<() => NativeStream | undefined>): NativeStream[] {
  const streams: NativeStream[] = []
  for (const open of openers) {
    const stream = open()
    if (stream === undefined) {
      for (const opened of streams) {
        opened.on('error', () => undefined)
        opened.destroy()
      }
      throw new UdxBulkChannelError('unreachable', 'a stream of the channel cannot be made')
    }
    streams.push(stream)
  }
  return streams
}
