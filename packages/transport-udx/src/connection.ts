import type { AbortOptions } from '@libp2p/interface'
import { AbstractMultiaddrConnection } from '@libp2p/utils'
import type { AbstractMultiaddrConnectionInit, SendResult } from '@libp2p/utils'
import { DeadlineError } from '@p2pshare/interface'
import type { DatagramAddress } from '@p2pshare/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { CHECKPOINT_BYTES, COALESCE_BYTES } from './constants.ts'
import { ConnectionCutError, PathLostError } from './errors.ts'
import { unlessAborted } from './events.ts'
import { Link } from './link.ts'
import type { NativeStream } from './native.ts'
import { ReadQueue } from './read-queue.ts'
import { Retained } from './retained.ts'
import { Succession } from './succession.ts'
import type { UdpSocket } from './udp-socket.ts'

/** What uses the path of a connection beside it, and ends with that path. */
export interface Beside {
  readonly bytesReceived: number
  readonly bytesSent: number
  /** Something was sent that the other end has not acknowledged. */
  readonly isSending: boolean
  /** The connection is gone, or goes on at another address. */
  pathEnded(error: Error): void
}

/** What `UdxConnection` is made from. The stream is connected over the socket. */
export interface UdxConnectionInit extends AbstractMultiaddrConnectionInit {
  readonly stream: NativeStream
  readonly socket: UdpSocket
  /** In the form in which the socket says where datagrams come from. */
  readonly remote: DatagramAddress
  readonly closeTimeoutMs: number
}

/** A connection as libp2p sees it, before encryption and muxing: one UDX stream after the other. */
export class UdxConnection extends AbstractMultiaddrConnection {
  readonly socket: UdpSocket
  /** Of its first stream. */
  readonly localId: number
  readonly remoteId: number
  /** Resolves when the first byte came: the other end has our stream id, so its address is real. Never rejects. */
  readonly firstByte: Promise<void>
  /** Resolves when nothing of it is left. */
  readonly gone: Promise<void>
  readonly beside = new Set<Beside>()
  /** Moves of the connection from one stream to the next. */
  readonly succession: Succession
  readonly #closeTimeoutMs: number
  readonly #reads = new ReadQueue(COALESCE_BYTES, (data) => {
    this.onData(data)
  })
  readonly #sent = new Retained()
  readonly #sawByte = Promise.withResolvers<undefined>()
  readonly #isGone = Promise.withResolvers<undefined>()
  #link: Link
  #checkpoint = 0
  #remote: DatagramAddress
  #isBroken = false
  #hasEnded = false
  #bytesReceived = 0
  #closing: Promise<void> | undefined

  constructor({ stream, socket, remote, closeTimeoutMs, ...init }: UdxConnectionInit) {
    super(init)
    this.socket = socket
    this.localId = stream.id
    this.remoteId = stream.remoteId
    this.#remote = remote
    this.#closeTimeoutMs = closeTimeoutMs
    this.firstByte = this.#sawByte.promise
    this.gone = this.#isGone.promise
    const first: Link = new Link(stream, {
      onBytes: (bytes) => {
        this.#onBytes(bytes)
      },
      ...this.#endings(() => first)
    })
    this.#link = first
    this.#watch(first)
    this.succession = new Succession({
      sent: this.#sent,
      current: () => this.#link,
      received: () => this.#bytesReceived,
      isOpen: () => !this.isOver,
      onBytes: (bytes) => {
        this.#onBytes(bytes)
      },
      endings: (link) => this.#endings(link),
      onNext: (link, canSendMore) => {
        this.#goOn(link, canSendMore)
      },
      onFailure: (error) => {
        this.abort(error)
      }
    })
  }

  /** Where the other end is now. */
  get remote(): DatagramAddress {
    return this.#remote
  }

  set remote(remote: DatagramAddress) {
    this.#remote = remote
  }

  /** It was closed, aborted or reset. */
  get isOver(): boolean {
    return this.status !== 'open' && this.status !== 'closing'
  }

  get bytesReceived(): number {
    return this.#bytesReceived
  }

  get bytesSent(): number {
    return this.#sent.end
  }

  /** Something was sent that the other end has not acknowledged. */
  get isSending(): boolean {
    return this.#link.isSending || this.writableNeedsDrain
  }

  /** What goes over its path, of its own and beside it. */
  get traffic(): Readonly<Omit<Beside, 'pathEnded'>> {
    const all = [this, ...this.beside]
    return {
      bytesReceived: all.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0),
      bytesSent: all.reduce((sum, { bytesSent }) => sum + bytesSent, 0),
      isSending: all.some(({ isSending }) => isSending)
    }
  }

  /** Let routers on the way remember the connection: UDX sends an empty packet so often. 0: never. */
  keepAlive(everyMs: number): void {
    this.#link.keepAlive(everyMs)
  }

  /**
   * Sends what `send()` took, and what the layers above hold and could not send yet; then ends. An aborted signal ends the
   * wait; the close itself goes on, for `closeTimeoutMs` at most.
   *
   * @throws ConnectionCutError when the connection ended before all was acknowledged
   */
  override async close(options: AbortOptions = {}): Promise<void> {
    if (this.status === 'open') {
      this.#closing ??= this.#close()
      // who waits for it hears of it
      this.#closing.catch(() => undefined)
    }
    await unlessAborted(this.#closing ?? Promise.resolve(), options)
  }

  /** The parts are not copied, and must not change until they were acknowledged. */
  override sendData(data: Uint8ArrayList): SendResult {
    let canSendMore = true
    for (const part of data) {
      this.#sent.push(part)
      canSendMore = this.#link.write(part)
    }
    if (this.#sent.end - this.#checkpoint >= CHECKPOINT_BYTES) {
      this.#setCheckpoint()
    }
    return { sentBytes: data.byteLength, canSendMore }
  }

  override async sendClose(): Promise<void> {
    this.#hasEnded = true
    this.#link.end()
    await this.gone
    if (this.#isBroken) {
      throw new ConnectionCutError('the connection ended before all that was sent was acknowledged')
    }
  }

  override sendReset(): void {
    this.#isBroken = true
    this.succession.end()
    this.#link.destroy()
  }

  /** Those above may be full with what is handed up while the connection ends; the base class throws then, and at nobody. */
  override pause(): void {
    if (this.readStatus === 'readable') {
      super.pause()
    }
  }

  /** UDX has no way to tell the other end to wait: what nobody reads piles up to `maxReadBufferLength`, and no further. */
  override sendPause(): void {
    // SPEC.md#reading
  }

  override sendResume(): void {
    // nothing was paused
  }

  #onBytes(bytes: Uint8Array): void {
    this.#bytesReceived += bytes.length
    this.#reads.push(bytes)
    this.#sawByte.resolve(undefined)
  }

  /** What ends the connection when it happens to the stream it is on; on another one it means nothing. */
  #endings(link: () => Link): { onEnd(): void; onDrain(): void; onError(error: NodeJS.ErrnoException): void } {
    return {
      onEnd: () => {
        if (link() === this.#link) {
          this.#reads.flush()
          this.onTransportClosed()
        }
      },
      onDrain: () => {
        if (link() === this.#link) {
          this.safeDispatchEvent('drain')
        }
      },
      onError: (error) => {
        if (link() === this.#link) {
          this.#onError(error)
        }
      }
    }
  }

  #watch(link: Link): void {
    void link.gone.then(() => {
      if (link !== this.#link) {
        return
      }
      this.succession.end()
      if (!this.#isBroken) {
        this.#reads.flush()
        this.onTransportClosed()
      }
      this.#endBeside('the connection is gone')
      this.#isGone.resolve(undefined)
    })
  }

  /** The connection goes on over another stream, on which everything that is missing was sent again. */
  #goOn(link: Link, canSendMore: boolean): void {
    this.#link = link
    this.#watch(link)
    this.#endBeside('the connection has moved')
    if (this.#hasEnded) {
      link.end()
    } else {
      this.#setCheckpoint()
    }
    if (canSendMore && this.writableNeedsDrain) {
      this.safeDispatchEvent('drain')
    }
  }

  #endBeside(why: string): void {
    for (const one of this.beside) {
      one.pathEnded(new PathLostError(why))
    }
  }

  #setCheckpoint(): void {
    const link = this.#link
    const offset = this.#sent.end
    this.#checkpoint = offset
    void link.acknowledged().then((isSo) => {
      if (isSo && link === this.#link) {
        this.#sent.release(offset)
      }
    })
  }

  async #close(): Promise<void> {
    const deadline = setTimeout(() => {
      this.abort(new DeadlineError('closing the connection', this.#closeTimeoutMs))
    }, this.#closeTimeoutMs)
    try {
      // the encryption above refuses to send once we are closing, and may hold what it was given while we were full
      while (this.status === 'open' && (this.writableNeedsDrain || this.writeBuffer.byteLength > 0)) {
        await this.#drained()
      }
      if (this.status === 'open') {
        await super.close()
      } else if (this.status === 'aborted' || this.status === 'reset') {
        throw new ConnectionCutError('the connection ended before all was sent')
      }
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

  /** There is room again, and those above have had their turn; or the connection has ended. */
  async #drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const done = (): void => {
      resolve(undefined)
    }
    this.addEventListener('drain', done)
    this.addEventListener('close', done)
    await promise
    this.removeEventListener('drain', done)
    this.removeEventListener('close', done)
    await new Promise((turn) => setImmediate(turn))
  }

  #onError(error: NodeJS.ErrnoException): void {
    this.#isBroken = true
    if (this.isOver) {
      return
    }
    if (error.code === 'ECONNRESET') {
      this.#reads.flush()
      this.onRemoteReset()
    } else if (error.code === 'ETIMEDOUT') {
      this.abort(new PathLostError('nothing that was sent is acknowledged any more', { cause: error }))
    } else {
      this.abort(error)
    }
  }
}
