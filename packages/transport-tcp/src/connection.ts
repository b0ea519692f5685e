import type { Socket } from 'node:net'
import type { AbortOptions } from '@libp2p/interface'
import { AbstractMultiaddrConnection } from '@libp2p/utils'
import type { AbstractMultiaddrConnectionInit, SendResult } from '@libp2p/utils'
import { DeadlineError } from '@p2pshare/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { CLOSE_LINGER_MS } from './constants.ts'
import { ConnectionCutError, SocketUnavailableError } from './errors.ts'
import { nativeSocketSymbol } from './native-socket.ts'
import type { NativeSocket, SocketOwner } from './native-socket.ts'
import { closed, ended, flushed, settled } from './socket-events.ts'

/** What `TcpConnection` is made from. The socket is open, and nobody else reads it. */
export interface TcpConnectionInit extends AbstractMultiaddrConnectionInit {
  readonly socket: Socket
  readonly inactivityTimeoutMs: number
  readonly closeTimeoutMs: number
}

/** System errors that say that the other side, or something on the way, threw the connection away. */
const RESET_CODES: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE'])

/** One TCP or Unix socket as libp2p sees it, before encryption and muxing. */
export class TcpConnection extends AbstractMultiaddrConnection {
  readonly [nativeSocketSymbol]: NativeSocket = { detach: (owner, options) => this.#detach(owner, options) }
  readonly #socket: Socket
  readonly #closeTimeoutMs: number
  /** Whether an encrypter asked for the socket; it gets it when what was sent has gone out. */
  #taken = false
  #owner: SocketOwner | undefined
  #closing: Promise<void> | undefined
  readonly #gone = new AbortController()

  constructor({ socket, inactivityTimeoutMs, closeTimeoutMs, ...init }: TcpConnectionInit) {
    super({ ...init, inactivityTimeout: inactivityTimeoutMs })
    this.#socket = socket
    this.#closeTimeoutMs = closeTimeoutMs
    socket.setTimeout(inactivityTimeoutMs)
    socket.on('data', this.#onBytes)
    socket.on('drain', this.#onSocketDrain)
    socket.on('error', (error) => {
      this.#onError(error)
    })
    socket.once('timeout', () => {
      this.abort(new DeadlineError('the next sign of life of the connection', inactivityTimeoutMs))
      // the other side may have ended, and take nothing of what we still had for it
      socket.destroy()
    })
    // sockets are never half open: Node answers the end of the other side with ours
    socket.once('end', () => {
      this.onTransportClosed()
    })
    socket.once('close', () => {
      this.#gone.abort()
      this.onTransportClosed()
    })
    // it may have been paused while somebody looked at its first byte
    socket.resume()
  }

  /**
   * Sends what `send()` took, then ends. What arrives meanwhile is read away: ending with unread bytes makes the system
   * drop what is on its way to the other side. An aborted signal ends the wait; the close itself goes on, for
   * `closeTimeoutMs` at most.
   *
   * @throws ConnectionCutError when the connection ended before all was sent
   */
  override async close(options: AbortOptions = {}): Promise<void> {
    if (this.status === 'open') {
      this.#closing = this.#close()
      // who waits for it hears of it
      this.#closing.catch(() => undefined)
    }
    const closing = this.#closing ?? Promise.resolve()
    await settled(options, (done) => {
      closing.then(() => done(), done)
    })
  }

  /** All parts go to the system in one call; they are not copied, and must not change until they were taken. */
  override sendData(data: Uint8ArrayList): SendResult {
    if (this.#owner !== undefined) {
      throw new SocketUnavailableError('an encrypter took the socket over')
    }
    const socket = this.#socket
    socket.cork()
    for (const part of data) {
      socket.write(part)
    }
    socket.uncork()
    // `write()` says false from its high water mark on, also when the system has taken everything
    return { sentBytes: data.byteLength, canSendMore: socket.writableLength === 0 || !socket.writableNeedDrain }
  }

  override async sendClose(): Promise<void> {
    const socket = this.#socket
    if (socket.destroyed) {
      await closed(socket)
      return
    }
    if (this.#owner !== undefined) {
      await this.#owner.close({ signal: this.#gone.signal })
    } else {
      socket.resume()
      await this.#end()
    }
    const linger = setTimeout(() => {
      socket.destroy()
    }, CLOSE_LINGER_MS)
    await closed(socket)
    clearTimeout(linger)
  }

  override sendReset(): void {
    const socket = this.#socket
    // a socket that is ending, one beneath TLS, and a Unix socket cannot be reset
    if (socket.writableEnded || this.#taken || socket.remoteAddress === undefined) {
      socket.destroy()
    } else {
      socket.resetAndDestroy()
    }
  }

  override sendPause(): void {
    if (!this.#taken) {
      this.#socket.pause()
    }
  }

  override sendResume(): void {
    if (!this.#taken) {
      this.#socket.resume()
    }
  }

  async #close(): Promise<void> {
    const deadline = setTimeout(() => {
      this.abort(new DeadlineError('closing the connection', this.#closeTimeoutMs))
    }, this.#closeTimeoutMs)
    try {
      await super.close()
    } catch (error) {
      // the base class rejects with the `close` event when the connection ends while it waits
      const failure =
        error instanceof Error ? error : new ConnectionCutError('the connection ended before all was sent')
      this.abort(failure)
      throw failure
    } finally {
      clearTimeout(deadline)
    }
  }

  async #end(): Promise<void> {
    const unsent = this.#socket.writableLength
    try {
      await ended(this.#socket)
    } catch (error) {
      // the other side threw the connection away: only a loss if something was on its way
      if (unsent > 0) {
        throw new ConnectionCutError(`the connection ended with up to ${unsent} bytes unsent`, { cause: error })
      }
    }
  }

  readonly #onBytes = (bytes: Uint8Array): void => {
    // a muxer that is told of more while it closes answers, cannot, and aborts what is still on its way
    if (this.status === 'open') {
      this.onData(bytes)
    }
  }

  readonly #onSocketDrain = (): void => {
    this.safeDispatchEvent('drain')
  }

  #onError(error: NodeJS.ErrnoException): void {
    if (RESET_CODES.has(error.code) && (this.status === 'open' || this.status === 'closing')) {
      this.onRemoteReset()
    } else {
      this.abort(error)
    }
  }

  async #detach(owner: SocketOwner, options: AbortOptions = {}): Promise<Socket> {
    const socket = this.#socket
    if (this.#taken || this.status !== 'open' || socket.destroyed || socket.readableEnded) {
      throw new SocketUnavailableError(
        this.#taken ? 'somebody took the socket over already' : 'the connection has ended'
      )
    }
    this.#taken = true
    socket.off('data', this.#onBytes)
    socket.pause()
    const unread = this.readBuffer.subarray()
    this.readBuffer.consume(unread.byteLength)
    if (unread.byteLength > 0) {
      socket.unshift(unread)
    }
    do {
      await flushed(socket, options)
    } while (this.writeBuffer.byteLength > 0 || socket.writableLength > 0)
    this.#owner = owner
    socket.off('drain', this.#onSocketDrain)
    return socket
  }
}
