import type { Socket } from 'node:net'
import type { AbortOptions } from '@libp2p/interface'

/** A connection of this transport carries its `NativeSocket` as `connection[nativeSocketSymbol]`. */
export const nativeSocketSymbol = Symbol.for('@p2pshare/native-socket')

/**
 * How an encrypter takes the raw socket over from the connection that libp2p gave it, so that TLS runs on the socket
 * itself and not on a JavaScript stream.
 */
export interface NativeSocket {
  /**
   * From now on the socket is `owner`'s: to be read, written and ended by nobody else. It is paused, and bytes that the
   * connection had read but not handed on are in front of it again, so a TLS socket around it misses nothing.
   *
   * The connection stays what libp2p sees of it: it ends when the socket ends, `abort()` and the inactivity timeout
   * destroy the socket (a TLS socket around it counts as activity), and `close()` asks `owner`.
   *
   * Resolves when all that was sent through the connection has gone to the system; until then the socket must not be
   * used.
   *
   * @throws SocketUnavailableError when the connection has ended, or was taken over before
   */
  detach(owner: SocketOwner, options?: AbortOptions): Promise<Socket>
}

/** Who took a socket over. */
export interface SocketOwner {
  /**
   * The connection shall be closed: send what is held, then end the socket. When this resolves, the end is on its way; the
   * connection waits for the socket itself, and destroys it when that takes too long or this rejects. The signal is
   * aborted when the socket is gone.
   */
  close(options: Required<AbortOptions>): Promise<void>
}

/** The way to the raw socket of a connection, if it has one: connections of other transports, and protected ones, do not. */
export function nativeSocketOf(connection: object): NativeSocket | undefined {
  return nativeSocketSymbol in connection ? (connection[nativeSocketSymbol] as NativeSocket) : undefined
}
