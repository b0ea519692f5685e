import type { CounterGroup, Logger, Upgrader } from '@libp2p/interface'
import { DeadlineError } from '@p2pshare/interface'
import type { DatagramAddress } from '@p2pshare/interface'
import type { UdxConnection } from './connection.ts'
import type { Connections } from './connections.ts'
import { toError, unlessAborted } from './events.ts'
import type { Admission } from './handshake/admission.ts'
import type { Place } from './handshake/limits.ts'
import type { StreamIds } from './ids.ts'
import { toMultiaddr } from './multiaddr.ts'
import type { UdpSocket } from './udp-socket.ts'
import { encodeHandshake } from './wire/handshake.ts'
import type { Answer, Init } from './wire/handshake.ts'

export interface AcceptorInit {
  readonly admission: Admission
  readonly connections: Connections
  readonly ids: StreamIds
  readonly halfOpenTimeoutMs: number
  readonly log: Logger
  readonly metrics: CounterGroup | undefined
}

/** Who upgrades what comes in over one socket, and until when. */
export interface Door {
  readonly upgrader: Upgrader
  readonly signal: AbortSignal
}

/** Answers INITs at the sockets that listen. */
export class Acceptor {
  readonly #init: AcceptorInit
  readonly #doors = new Map<UdpSocket, Door>()

  constructor(init: AcceptorInit) {
    this.#init = init
  }

  /** Let in who comes to this socket. Returns the function that ends it. */
  open(socket: UdpSocket, door: Door): () => void {
    this.#doors.set(socket, door)
    return () => {
      this.#doors.delete(socket)
    }
  }

  onInit(init: Init, from: DatagramAddress, socket: UdpSocket): void {
    const door = this.#doors.get(socket)
    if (door === undefined) {
      return
    }
    const { admission, metrics, log } = this.#init
    const { nonce } = init
    const answer = (message: Answer): void => {
      socket.send(encodeHandshake(message), from)
    }
    const verdict = admission.judge(init, from, Date.now())
    metrics?.increment({ [verdict.type]: true })
    switch (verdict.type) {
      case 'accept': {
        const connection = this.#connect(init, from, socket)
        verdict.accepted(connection.localId)
        // the stream is there before the other end can send on it
        answer({ type: 'accept', nonce, id: connection.localId })
        void this.#serve(connection, verdict.place, door)
        break
      }
      case 'again':
        answer({ type: 'accept', nonce, id: verdict.id })
        break
      case 'retry':
        answer({ type: 'retry', nonce, cookie: verdict.cookie })
        break
      case 'reject':
        log('refused a connection: %s', verdict.bound)
        answer({ type: 'reject', nonce })
        break
      case 'ignore':
    }
  }

  #connect({ id }: Init, remote: DatagramAddress, socket: UdpSocket): UdxConnection {
    return this.#init.connections.create({
      socket,
      localId: this.#init.ids.take(),
      remoteId: id,
      remote,
      remoteAddr: toMultiaddr(remote),
      direction: 'inbound'
    })
  }

  /**
   * Nothing is sent to the other end before it has sent a byte on the stream, which it can only when it got our answer: its
   * address may be made up until then.
   */
  async #serve(connection: UdxConnection, place: Place, { upgrader, signal }: Door): Promise<void> {
    const { halfOpenTimeoutMs, log, metrics } = this.#init
    void connection.gone.then(() => {
      place.leave()
    })
    const deadline = setTimeout(() => {
      connection.abort(new DeadlineError('the first byte of an inbound connection', halfOpenTimeoutMs))
    }, halfOpenTimeoutMs)
    try {
      await unlessAborted(Promise.race([connection.firstByte, connection.gone]), { signal })
      if (connection.status !== 'open') {
        return
      }
      clearTimeout(deadline)
      place.settle()
      await upgrader.upgradeInbound(connection, { signal })
      signal.throwIfAborted()
    } catch (error) {
      log('inbound connection from %a failed - %e', connection.remoteAddr, error)
      metrics?.increment({ failed: true })
      connection.abort(toError(error))
    } finally {
      clearTimeout(deadline)
    }
  }
}
