import type { Connection, Upgrader } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { DatagramAddress, DatagramConnectOptions, DatagramEndpoint, DatagramSocket } from '@p2pshare/interface'
import type { UdxConnection } from './connection.ts'
import type { Connections } from './connections.ts'
import type { EarlyPackets } from './early-packets.ts'
import { SocketUnavailableError, StreamIdError, UnexpectedPeerError } from './errors.ts'
import { toError } from './events.ts'
import { isStreamId } from './ids.ts'
import type { StreamIds } from './ids.ts'
import { canonical, toMultiaddr } from './multiaddr.ts'
import type { Sockets } from './sockets.ts'

export interface PunchedInit {
  readonly sockets: Sockets
  readonly connections: Connections
  readonly ids: StreamIds
  readonly early: EarlyPackets
  readonly upgrader: Upgrader
  /** A connection came about. */
  readonly onConnection: (connection: Connection, below: UdxConnection, isInitiator: boolean) => void
}

/** The sockets of the transport for services that open paths themselves. */
export class PunchedPaths implements DatagramEndpoint {
  readonly #init: PunchedInit

  constructor(init: PunchedInit) {
    this.#init = init
  }

  sockets(): readonly DatagramSocket[] {
    return this.#init.sockets.listening
  }

  open(family: 4 | 6): DatagramSocket {
    return this.#init.sockets.lend(family)
  }

  reserveId(): number {
    return this.#init.ids.reserve()
  }

  releaseId(id: number): void {
    this.#init.ids.unreserve(id)
    this.#init.early.take(id)
  }

  /**
   * The stream is there when this returns to its caller, before anything is waited for. When it fails, the socket is still
   * the caller's, for another try with new ids.
   *
   * @throws SocketUnavailableError when the socket is closed, or not of this transport
   * @throws StreamIdError when an id is none, or the local one is not reserved
   */
  async connect(
    socket: DatagramSocket,
    remote: DatagramAddress,
    { peer, localId, remoteId, initiator, signal }: DatagramConnectOptions
  ): Promise<Connection> {
    const { sockets, connections, ids, early, upgrader, onConnection } = this.#init
    signal.throwIfAborted()
    const target = canonical(remote)
    const family = target.host.includes(':') ? 6 : 4
    if (!sockets.has(socket) || socket.family !== family) {
      throw new SocketUnavailableError('the socket is closed, or not of this transport, or of the other family')
    }
    if (!isStreamId(remoteId)) {
      throw new StreamIdError('the stream id of the other end is out of range')
    }
    ids.use(localId)
    const packets = early.take(localId)
    const below = connections.create({
      socket,
      localId,
      remoteId,
      remote: target,
      remoteAddr: toMultiaddr(target).encapsulate(multiaddr(`/p2p/${peer.toString()}`)),
      direction: initiator ? 'outbound' : 'inbound'
    })
    socket.receiveAgain(packets)
    try {
      // also for the one who is dialled: it knows whom it waits for, and gets its connection back
      const connection = await upgrader.upgradeOutbound(below, { initiator, signal })
      sockets.adopt(socket)
      onConnection(connection, below, initiator)
      return connection
    } catch (error) {
      // libp2p drops the class of the error; but only an encrypter that does not like who is there gives up a sound path
      const isRefusal = error instanceof Error && error.name === 'EncryptionFailedError' && below.status === 'open'
      below.abort(toError(error))
      signal.throwIfAborted()
      throw isRefusal ? new UnexpectedPeerError(peer, { cause: error }) : error
    }
  }
}
