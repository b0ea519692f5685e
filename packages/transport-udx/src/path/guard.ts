import type { Logger } from '@libp2p/interface'
import type { DatagramAddress } from '@p2pshare/interface'
import type { UdxConnection } from '../connection.ts'
import { CHALLENGE_TTL_MS, PATH_MESSAGES_PER_SECOND, PATH_MESSAGE_BURST } from '../constants.ts'
import { PathLostError } from '../errors.ts'
import { TokenBucket } from '../handshake/token-bucket.ts'
import { CHALLENGE_BYTES, openPathMessage, sealPathMessage } from '../wire/path.ts'
import type { PathMessage } from '../wire/path.ts'
import type { NativeStream } from '../native.ts'
import type { UdpSocket } from '../udp-socket.ts'
import { Challenges } from './challenges.ts'
import { successorIds } from './keys.ts'
import type { PathKeys, StreamPair } from './keys.ts'
import { Liveness } from './liveness.ts'
import type { LivenessTimes } from './liveness.ts'

export interface PathGuardInit {
  readonly connection: UdxConnection
  readonly keys: PathKeys
  readonly times: LivenessTimes
  readonly log: Logger
  readonly now: number
  /** A stream with these ids towards an address; `undefined`: it cannot be made. */
  readonly successor: (ids: StreamPair, to: DatagramAddress) => NativeStream | undefined
  /** So many bytes that nobody can guess. */
  readonly random: (length: number) => Uint8Array
}

/** Watches over the path of one connection, and moves it when the other end is elsewhere. */
export class PathGuard {
  readonly #init: PathGuardInit
  readonly #liveness: Liveness
  readonly #challenges = new Challenges()
  readonly #budget = new TokenBucket(PATH_MESSAGES_PER_SECOND, PATH_MESSAGE_BURST)
  #proved: Uint8Array | undefined
  #provedAt = 0
  #bytesSeen = 0
  #bytesSent = 0

  constructor(init: PathGuardInit) {
    this.#init = init
    this.#liveness = new Liveness(init.times, init.now)
  }

  get token(): Uint8Array {
    return this.#init.keys.receive.token
  }

  tick(now: number): void {
    const { connection, times } = this.#init
    const { bytesReceived, bytesSent, isSending } = connection.traffic
    if (this.#proved !== undefined && now - this.#provedAt >= CHALLENGE_TTL_MS) {
      this.#proved = undefined
      connection.succession.giveUp()
    }
    const hasRead = bytesReceived !== this.#bytesSeen
    const isActive = isSending || hasRead || bytesSent !== this.#bytesSent
    this.#bytesSeen = bytesReceived
    this.#bytesSent = bytesSent
    if (hasRead) {
      this.#liveness.onData()
    }
    const step = this.#liveness.tick(now, isActive)
    switch (step.type) {
      case 'probe':
        this.#send({ type: 'probe', sequence: step.sequence }, connection.remote)
        break
      case 'lost':
        connection.abort(new PathLostError(`no answer to ${times.maxMissedProbes} probes`))
        break
      case 'wait':
    }
  }

  /** A datagram that carries our token; whoever saw one can make such, so it may be garbage. */
  onDatagram(bytes: Uint8Array, from: DatagramAddress, socket: UdpSocket, now: number): void {
    const { connection, keys } = this.#init
    if (socket !== connection.socket || !this.#budget.take(now)) {
      return
    }
    const message = openPathMessage(bytes, keys.receive.key)
    switch (message?.type) {
      case 'probe':
        this.#onProbe(message.sequence, from, now)
        break
      case 'pong':
        if (this.#liveness.onAnswer(message.sequence) && message.challenge !== undefined) {
          this.#prove(message.challenge, from, now)
        }
        break
      case 'prove':
        if (this.#challenges.onProof(message.challenge, from, now)) {
          this.#move(message.challenge, message.received, from)
        }
        break
      case undefined:
    }
  }

  /** We seem to be elsewhere: say so, and be ready for what comes then. */
  #prove(challenge: Uint8Array, to: DatagramAddress, now: number): void {
    const { connection, keys, successor } = this.#init
    if (this.#proved === undefined || Buffer.compare(this.#proved, challenge) !== 0) {
      const stream = successor(successorIds(keys, challenge), connection.remote)
      if (stream === undefined) {
        return
      }
      this.#proved = challenge
      this.#provedAt = now
      connection.succession.expect(stream)
    }
    this.#send({ type: 'prove', received: connection.bytesReceived, challenge }, to)
  }

  /** The other end is elsewhere. */
  #move(challenge: Uint8Array, received: number, to: DatagramAddress): void {
    const { connection, keys, successor, log } = this.#init
    const stream = successor(successorIds(keys, challenge), to)
    if (stream === undefined) {
      return
    }
    log('the other end of %a is at %s port %d now', connection.remoteAddr, to.host, to.port)
    // it answered from there a moment ago
    this.#liveness.onData()
    connection.remote = to
    connection.succession.begin(stream, received)
  }

  #onProbe(sequence: number, address: DatagramAddress, now: number): void {
    const { connection, random } = this.#init
    const challenge = this.#challenges.onProbe({ sequence, address, current: connection.remote }, now, () =>
      random(CHALLENGE_BYTES)
    )
    if (challenge !== 'stale') {
      this.#send({ type: 'pong', sequence, challenge }, address)
    }
  }

  #send(message: PathMessage, to: DatagramAddress): void {
    const { connection, keys } = this.#init
    connection.socket.send(sealPathMessage(message, keys.send.token, keys.send.key), to)
  }
}
