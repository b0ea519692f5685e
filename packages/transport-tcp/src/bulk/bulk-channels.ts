import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { AbortOptions, ComponentLogger, ConnectionGater, Logger, PeerId, PrivateKey } from '@libp2p/interface'
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
import { peerIdIn, toMultiaddr, toTarget } from '../endpoint.ts'
import { originOf } from '../inbound-limits.ts'
import { toError } from '../socket-events.ts'
import { nodeCertificate } from '../tls/node-certificate.ts'
import type { NodeCertificate } from '../tls/node-certificate.ts'
import { answerReady, greet } from './accept.ts'
import { BULK_BOUNDS } from './bounds.ts'
import type { BulkBounds } from './bounds.ts'
import { Channel } from './channel.ts'
import { MAX_INVITATION_LIFETIME_MS, TLS_RECORD_BYTES } from './constants.ts'
import { dial } from './dial.ts'
import type { DirectReader } from './dial.ts'
import { BulkChannelError, TooManyChannelsError } from './errors.ts'
import { Intake } from './intake.ts'
import { Invitations } from './invitations.ts'
import type { Invitation } from './invitations.ts'
import { Tally } from './tally.ts'

export interface BulkServiceInit {
  readonly privateKey: PrivateKey
  readonly logger: ComponentLogger
  /** Asked before an address is dialled, as for every dial of libp2p. */
  readonly gater?: Pick<ConnectionGater, 'denyDialMultiaddr'> | undefined
  /** Where the transport listens now. */
  readonly addresses: () => Multiaddr[]
  /** For tests. */
  readonly bounds?: Partial<BulkBounds>
}

interface OpenInvitation extends Invitation {
  readonly sink: BulkSink
  readonly accept: (channel: BulkChannel) => void
  readonly reject: (error: Error) => void
  readonly release: () => void
  readonly timer: NodeJS.Timeout
}

/** The bulk channels of one transport. See SPEC.md. */
export class BulkService implements BulkChannels {
  readonly #init: BulkServiceInit
  readonly #bounds: BulkBounds
  readonly #log: Logger
  readonly #certificate: NodeCertificate
  readonly #invitations = new Invitations<OpenInvitation>()
  readonly #channels = new Set<Channel>()
  readonly #pending: Tally
  readonly #byIp: Tally
  readonly #byPeer: Tally

  constructor(init: BulkServiceInit) {
    this.#init = init
    this.#bounds = { ...BULK_BOUNDS, ...init.bounds }
    this.#log = init.logger.forComponent('p2pshare:tcp:bulk')
    this.#certificate = nodeCertificate(init.privateKey)
    const { maxPending, maxPendingPerIp, maxChannels, maxChannelsPerIp, maxChannelsPerPeer } = this.#bounds
    this.#pending = new Tally(maxPending, maxPendingPerIp)
    this.#byIp = new Tally(maxChannels, maxChannelsPerIp)
    this.#byPeer = new Tally(maxChannels, maxChannelsPerPeer)
  }

  addresses(): Multiaddr[] {
    return this.#init.addresses()
  }

  invite(peer: PeerId, { sink, lifetimeMs = this.#bounds.invitationLifetimeMs }: BulkInviteOptions): BulkInvitation {
    if (!(lifetimeMs > 0 && lifetimeMs <= MAX_INVITATION_LIFETIME_MS)) {
      throw new InvalidOptionError('lifetimeMs', `must be above 0 and at most ${MAX_INVITATION_LIFETIME_MS}`)
    }
    const release = this.#reserve(peer)
    const { promise, resolve, reject } = Promise.withResolvers<BulkChannel>()
    // whoever awaits it hears of it all the same
    promise.catch(ignore)
    const timer = setTimeout(() => {
      this.#withdraw(invitation, `the peer did not come within ${lifetimeMs} ms`)
    }, lifetimeMs)
    timer.unref()
    const invitation: OpenInvitation = {
      peer,
      token: randomBytes(BULK_TOKEN_BYTES),
      expiresAt: performance.now() + lifetimeMs,
      sink,
      accept: resolve,
      reject,
      release,
      timer
    }
    this.#invitations.add(invitation)
    return {
      // a copy: the caller may change its own
      token: Uint8Array.from(invitation.token),
      channel: promise,
      cancel: () => {
        this.#withdraw(invitation, 'the invitation was cancelled')
      }
    }
  }

  async open(address: Multiaddr, peer: PeerId, token: Uint8Array, options: BulkOpenOptions): Promise<BulkChannel> {
    const { sink, signal } = options
    signal?.throwIfAborted()
    const target = toTarget(address)
    if (target.kind !== 'ip') {
      throw new BulkChannelError('unreachable', 'only an IP address can be dialled')
    }
    if (token.byteLength !== BULK_TOKEN_BYTES) {
      throw new BulkChannelError('protocol', `a token has ${BULK_TOKEN_BYTES} bytes, not ${token.byteLength}`)
    }
    const whole = peerIdIn(address) === undefined ? address.encapsulate(`/p2p/${peer.toString()}`) : address
    if ((await this.#init.gater?.denyDialMultiaddr?.(whole)) === true) {
      throw new BulkChannelError('unreachable', 'the connection gater denies the address')
    }
    const release = this.#reserve(peer)
    try {
      const intake = new Intake(sink)
      const reader = new SafeReader(intake)
      const context = await this.#certificate.context()
      const timeoutMs = this.#bounds.handshakeTimeoutMs
      const socket = await dial(target, peer, token, {
        context,
        timeoutMs,
        reader,
        ...(signal === undefined ? {} : { signal })
      })
      const channel = this.#channel(socket, intake, peer, target.multiaddr, release)
      reader.attach(channel)
      this.#begin(channel)
      return channel
    } catch (error) {
      release()
      throw error
    }
  }

  /**
   * Takes a socket that begins with a TLS handshake; it is destroyed when this rejects.
   *
   * @throws BulkChannelError, TooManyChannelsError, DeadlineError, or what TLS or the certificate was refused for
   */
  async accept(raw: Socket, { signal }: AbortOptions = {}): Promise<void> {
    try {
      await this.#accept(raw, signal === undefined ? {} : { signal })
    } catch (error) {
      raw.destroy()
      throw error
    }
  }

  /** Ends all channels and invitations. */
  stop(): void {
    const stopped = (): BulkChannelError => new BulkChannelError('stopped', 'the node was stopped')
    for (const invitation of this.#invitations.all()) {
      this.#withdraw(invitation, 'the node was stopped')
    }
    for (const channel of this.#channels) {
      channel.abort(stopped())
    }
  }

  async #accept(raw: Socket, options: AbortOptions): Promise<void> {
    const origin = originOf(raw.remoteAddress ?? '')
    const remoteAddr = toMultiaddr(raw.remoteAddress ?? '', raw.remotePort ?? 0)
    const settle = claim(this.#pending.take(origin))
    try {
      const leave = claim(this.#byIp.take(origin))
      raw.once('close', leave)
      const { socket, peer, token } = await greet(raw, {
        context: await this.#certificate.context(),
        timeoutMs: this.#bounds.handshakeTimeoutMs,
        welcome: (who) => this.#invitations.has(who),
        ...options
      })
      const invitation = this.#invitations.redeem(peer, token, performance.now())
      if (invitation === undefined) {
        socket.destroy()
        throw new BulkChannelError('protocol', 'the token is unknown, used up or too late')
      }
      clearTimeout(invitation.timer)
      const intake = new Intake(invitation.sink)
      const channel = this.#channel(socket, intake, peer, remoteAddr, invitation.release)
      // the accepting side cannot be read into, so what arrives is copied into the sink's buffers
      socket.on('data', (bytes: Buffer) => {
        if (channel.guard(() => intake.give(bytes)) !== true) {
          socket.pause()
        }
      })
      socket.pause()
      answerReady(socket)
      invitation.accept(channel)
      this.#begin(channel)
    } finally {
      settle()
    }
  }

  #channel(socket: TLSSocket, intake: Intake, remotePeer: PeerId, remoteAddr: Multiaddr, release: () => void): Channel {
    const { idleTimeoutMs } = this.#bounds
    const channel = new Channel({ socket, intake, remotePeer, remoteAddr, idleTimeoutMs })
    this.#channels.add(channel)
    void channel.closed.then((error) => {
      this.#log('the bulk channel with %p at %a ended - %e', remotePeer, remoteAddr, error ?? 'in order')
      this.#channels.delete(channel)
      release()
    })
    return channel
  }

  /** Reading begins when whoever waited for the channel has it. */
  #begin(channel: Channel): void {
    setImmediate(() => {
      channel.resume()
    })
  }

  #reserve(peer: PeerId): () => void {
    return claim(this.#byPeer.take(peer.toString()))
  }

  #withdraw(invitation: OpenInvitation, why: string): void {
    if (this.#invitations.remove(invitation)) {
      clearTimeout(invitation.timer)
      invitation.release()
      invitation.reject(new BulkChannelError('not-taken', why))
    }
  }
}

/** What Node calls from native code, where a throw would end the process. */
class SafeReader implements DirectReader {
  readonly #intake: Intake
  readonly #nowhere = new Uint8Array(TLS_RECORD_BYTES)
  #channel: Channel | undefined
  #failure: Error | undefined

  constructor(intake: Intake) {
    this.#intake = intake
  }

  /** Whose reader it is. */
  attach(channel: Channel): void {
    this.#channel = channel
    if (this.#failure !== undefined) {
      channel.abort(this.#failure)
    }
  }

  view(): Uint8Array {
    return this.#guard(() => this.#intake.view()) ?? this.#nowhere
  }

  filled(bytes: number): boolean {
    return this.#guard(() => this.#intake.filled(bytes)) ?? false
  }

  #guard<T>(work: () => T): T | undefined {
    if (this.#failure !== undefined) {
      return undefined
    }
    try {
      return work()
    } catch (error) {
      this.#failure = toError(error)
      this.#channel?.abort(this.#failure)
      return undefined
    }
  }
}

function ignore(): void {
  // the invitation tells whoever waits for it
}

function claim(place: (() => void) | number): () => void {
  if (typeof place === 'number') {
    throw new TooManyChannelsError(place)
  }
  return place
}
