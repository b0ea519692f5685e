import type { AbortOptions, Connection, PeerId } from '@libp2p/interface'

/**
 * A transport whose connections run over UDP sockets that also carry plain datagrams carries this as
 * `transport[datagramEndpointSymbol]`; a service looks for it in `components.transportManager.getTransports()` and works
 * without it.
 */
export const datagramEndpointSymbol = Symbol.for('@p2pshare/datagram-endpoint')

/** An IP address and a UDP port. */
export interface DatagramAddress {
  /** IPv4 in dotted form, or IPv6 without brackets and zone. */
  readonly host: string
  readonly port: number
}

/**
 * The UDP side of a transport: what was learned and opened on a socket by plain datagrams (STUN, probes) holds for the
 * connections over it, because a NAT maps the socket and not what it carries.
 */
export interface DatagramEndpoint {
  /** The sockets this node listens on now, those with a network address first. Empty when it does not listen. */
  sockets(): readonly DatagramSocket[]

  /**
   * One more socket, on a port of the system's choice; the caller closes it unless `connect` took it over.
   *
   * @throws TooManySocketsError at the bound on further sockets
   */
  open(family: 4 | 6): DatagramSocket

  /** A random stream id that no connection of this node has; taken until `connect` used it or `releaseId` gave it back. */
  reserveId(): number
  releaseId(id: number): void

  /**
   * Make a libp2p connection over a path that a punch opened. Both ends call it with the ids they exchanged; the one
   * with `initiator` takes the dialler's part in the handshake. A socket of `open` belongs to the connection from then
   * on, and is closed with it.
   *
   * @throws UnexpectedPeerError when another peer answers
   */
  connect(socket: DatagramSocket, remote: DatagramAddress, options: DatagramConnectOptions): Promise<Connection>
}

/** What both ends agreed on before they connect. */
export interface DatagramConnectOptions extends Required<AbortOptions> {
  readonly peer: PeerId
  readonly localId: number
  readonly remoteId: number
  readonly initiator: boolean
}

/** Looks at a datagram; `true`: it was mine, ask nobody else. It may be called with anything that anybody sends. */
export type DatagramHandler = (bytes: Uint8Array, from: DatagramAddress) => boolean

/** One UDP socket. */
export interface DatagramSocket {
  readonly family: 4 | 6
  /** What it is bound to; the host may be a wildcard. */
  readonly local: DatagramAddress
  /** Best effort: says nothing of success. */
  send(bytes: Uint8Array, to: DatagramAddress): void
  /** Ask `handler` about each datagram that is no connection's. Returns the function that takes it off again. */
  handle(handler: DatagramHandler): () => void
  close(): void
}
