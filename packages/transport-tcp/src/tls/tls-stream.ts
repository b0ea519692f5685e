import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { AbortOptions, MessageStream } from '@libp2p/interface'
import { AbstractMessageStream } from '@libp2p/utils'
import type { SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'
import { ConnectionCutError } from '../errors.ts'
import { ended, settled } from '../socket-events.ts'

/** System errors that say that the other side, or something on the way, threw the connection away. */
const RESET_CODES: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE'])

/** The decrypted side of a connection whose TLS runs on its socket. */
export class TlsStream extends AbstractMessageStream {
  readonly #connection: MessageStream
  readonly #raw: Socket
  readonly #socket: TLSSocket
  #closing: Promise<void> | undefined

  /** `socket` is the TLS socket around `raw`; its handshake is over, and nobody has read from it. */
  constructor(connection: MessageStream, raw: Socket, socket: TLSSocket) {
    super({
      log: connection.log,
      inactivityTimeout: connection.inactivityTimeout,
      maxReadBufferLength: connection.maxReadBufferLength,
      direction: connection.direction
    })
    this.#connection = connection
    this.#raw = raw
    this.#socket = socket
    socket.on('data', (bytes: Uint8Array) => {
      this.#onBytes(bytes)
    })
    socket.on('drain', () => {
      this.safeDispatchEvent('drain')
    })
    socket.on('error', (error: Error) => {
      this.#onError(error)
    })
    // Node tells errors of TLS after the handshake only so when the socket was not made by `tls.connect` or a server
    socket.on('_tlsError', (error: Error) => {
      this.#onError(error)
    })
    // sockets are never half open: Node answers the end of the other side with ours
    socket.once('end', () => {
      this.onTransportClosed()
    })
    socket.once('close', () => {
      this.onTransportClosed()
    })
    connection.addEventListener('close', ({ error, local }) => {
      if (error === undefined) {
        this.onTransportClosed()
      } else if (local === true) {
        this.abort(error)
      } else if (this.status === 'open' || this.status === 'closing') {
        this.onRemoteReset()
      }
    })
    if (socket.destroyed || socket.readableEnded) {
      this.onTransportClosed()
    }
  }

  /** All parts are encrypted in one call; they must not change until `drain`, or until they were taken. */
  override sendData(data: Uint8ArrayList): SendResult {
    const socket = this.#socket
    socket.cork()
    for (const part of data) {
      socket.write(part)
    }
    socket.uncork()
    // `write()` says false from its high water mark on, also when the system has taken everything
    return { sentBytes: data.byteLength, canSendMore: socket.writableLength === 0 || !socket.writableNeedDrain }
  }

  /** Sends what `send()` took, then ends the whole connection. */
  override async close(options: AbortOptions = {}): Promise<void> {
    if (this.status === 'open' || this.status === 'closing') {
      await this.#connection.close(options)
    }
  }

  /** The connection beneath is to be closed: what this stream and TLS hold goes out first, then the end. */
  async finish(options: AbortOptions = {}): Promise<void> {
    this.#closing ??= this.#finish(options)
    await this.#closing
  }

  async #finish(options: AbortOptions): Promise<void> {
    if (this.status !== 'open') {
      return
    }
    this.status = 'closing'
    this.writeStatus = 'closing'
    this.log('closing, with %d bytes to be sent', this.writeBuffer.byteLength + this.#socket.writableLength)
    if (this.writeBuffer.byteLength > 0) {
      await this.#sent(options)
    }
    // ending with unread bytes makes the system drop what is on its way to the other side
    this.#socket.resume()
    const unsent = this.#socket.writableLength
    try {
      await ended(this.#socket, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      if (unsent > 0) {
        throw new ConnectionCutError(`the connection ended with up to ${unsent} bytes unsent`, { cause: error })
      }
    }
  }

  /** Resolves when the stream has given everything to the socket. */
  async #sent(options: AbortOptions): Promise<void> {
    const listeners: Array<() => void> = []
    try {
      await settled(options, (done) => {
        const onIdle = (): void => {
          done()
        }
        const onClose = (): void => {
          done(new ConnectionCutError('the connection ended before all was sent'))
        }
        this.addEventListener('idle', onIdle)
        this.addEventListener('close', onClose)
        listeners.push(() => {
          this.removeEventListener('idle', onIdle)
          this.removeEventListener('close', onClose)
        })
      })
    } finally {
      for (const remove of listeners) {
        remove()
      }
    }
  }

  /** The other side shall see that this was no ordinary end, which it cannot from a TLS socket that is just destroyed. */
  override sendReset(error: Error): void {
    // a socket that is ending and a Unix socket cannot be reset
    if (!this.#socket.writableEnded && !this.#raw.destroyed && this.#raw.remoteAddress !== undefined) {
      this.#raw.resetAndDestroy()
    }
    this.#socket.destroy()
    this.#connection.abort(error)
  }

  override sendPause(): void {
    this.#socket.pause()
  }

  override sendResume(): void {
    this.#socket.resume()
  }

  #onBytes(bytes: Uint8Array): void {
    // while closing, what nobody reads is thrown away
    if (this.status === 'open' || (this.readStatus === 'readable' && this.listenerCount('message') > 0)) {
      this.onData(bytes)
    }
  }

  #onError(error: NodeJS.ErrnoException): void {
    if (this.status !== 'open' && this.status !== 'closing') {
      return
    }
    if (RESET_CODES.has(error.code)) {
      this.onRemoteReset()
      this.sendReset(error)
    } else {
      this.abort(error)
    }
  }
}
