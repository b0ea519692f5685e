// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- who imports this package's source has to find it too
/// <reference path="./udx-native.d.ts" />
import type { EventEmitter } from 'node:events'
import UDX from 'udx-native'
import { ListenFailedError } from './errors.ts'
import { toMultiaddr } from './multiaddr.ts'

/** What is used of a stream of `udx-native`. */
export interface NativeStream extends EventEmitter {
  readonly id: number
  readonly remoteId: number
  readonly destroyed: boolean
  /** Bytes sent that are not acknowledged. */
  readonly inflight: number
  /** Not part of the package's interface. */
  readonly _writableState?: { highWaterMark?: number }
  connect(socket: NativeSocket, remoteId: number, port: number, host: string): void
  setKeepalive(timeoutMs: number): void
  write(data: Uint8Array): boolean
  flush(): Promise<boolean>
  end(): void
  destroy(error?: Error): void
}

/** What is used of a socket of `udx-native`. */
export interface NativeSocket extends EventEmitter {
  address(): { host: string; port: number; family: number } | null
  bind(port: number, host: string): void
  close(): Promise<void>
  trySend(data: Uint8Array, port: number, host: string): void
  setSendBufferSize(bytes: number): void
  setRecvBufferSize(bytes: number): void
}

interface NativeLibrary {
  createSocket(options?: { ipv6Only?: boolean }): NativeSocket
  createStream(id: number): NativeStream
}

/** Sizes of buffers, in bytes. */
export interface NativeSizes {
  readonly socketBufferBytes: number
  readonly highWaterMarkBytes: number
}

/** The UDX library of one node: what is opened here can be used together. */
export class Native {
  readonly #udx = new UDX() as NativeLibrary
  readonly #sizes: NativeSizes

  constructor(sizes: NativeSizes) {
    this.#sizes = sizes
  }

  /** A bound socket. Throws `ListenFailedError`. */
  bind(host: string, port: number): NativeSocket {
    // without it a socket at `::` takes IPv4 too, and the two families could not share a port
    const socket = this.#udx.createSocket({ ipv6Only: host.includes(':') })
    try {
      socket.bind(port, host)
    } catch (error) {
      void socket.close()
      throw new ListenFailedError(toMultiaddr({ host, port }), { cause: error })
    }
    return socket
  }

  /** Room for bursts. What the system does not allow it cuts by itself; on some it is an error, and no loss. */
  enlarge(socket: NativeSocket): void {
    try {
      socket.setSendBufferSize(this.#sizes.socketBufferBytes)
      socket.setRecvBufferSize(this.#sizes.socketBufferBytes)
    } catch {
      // the system's own sizes work too, with more datagrams lost
    }
  }

  stream(id: number): NativeStream {
    const stream = this.#udx.createStream(id)
    // 16 KiB otherwise, and there is no option for it
    if (typeof stream._writableState?.highWaterMark === 'number') {
      stream._writableState.highWaterMark = this.#sizes.highWaterMarkBytes
    }
    return stream
  }
}
