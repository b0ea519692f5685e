import { once } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import { ConnectionFailedError, ProtocolError } from '@libp2p/interface'
import type { AbortOptions } from '@libp2p/interface'
import { AbstractMultiaddrConnection } from '@libp2p/utils'
import type { AbstractMultiaddrConnectionInit, SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

/**
 * Bytes that each side may have on the way unread. It bounds the memory a slow reader costs, and is well below the 4 MiB
 * at which libp2p gives up a connection that reads too slowly.
 */
export const WINDOW_BYTES = 256 * 1024

const RESET = 'reset'

/**
 * Both directions of one port, before encryption and muxing. What travels on it: a `Uint8Array` is data, a number is how
 * many more bytes the other side may send, `'reset'` says that what follows would be incomplete. A port that closes has
 * delivered everything before.
 */
export class PortConnection extends AbstractMultiaddrConnection {
  readonly #port: MessagePort
  /** What we may send until the other side has read some. A port itself takes everything and never pushes back. */
  #credit = WINDOW_BYTES
  /** What arrived and was not given back as credit yet. */
  #debt = 0

  constructor(port: MessagePort, init: AbstractMultiaddrConnectionInit) {
    super(init)
    this.#port = port
    port.on('message', (message: unknown) => this.#onMessage(message))
    // also when the thread behind the other end is gone
    port.on('close', () => this.onTransportClosed())
  }

  /** `abort()` for a `catch`, which may have got anything. */
  fail(reason: unknown): void {
    this.abort(reason instanceof Error ? reason : new ConnectionFailedError(String(reason)))
  }

  /** Takes what fits into the window. After `canSendMore: false` it is not called again until there was a `drain`. */
  override sendData(data: Uint8ArrayList): SendResult {
    const sentBytes = Math.min(data.byteLength, this.#credit)
    this.#credit -= sentBytes
    // a copy that is moved: posting a view would clone the whole buffer below it, with whatever else is in there
    const bytes = new Uint8Array(data.subarray(0, sentBytes))
    this.#port.postMessage(bytes, [bytes.buffer])
    return { sentBytes, canSendMore: this.#credit > 0 }
  }

  /** `close()` calls it when `sendData()` took everything. What was posted before the port closes still arrives. */
  override async sendClose(options: AbortOptions = {}): Promise<void> {
    const closed = once(this.#port, 'close', options)
    this.#port.close()
    await closed
  }

  /** `abort()` calls it; nothing may wait here. */
  override sendReset(): void {
    this.#port.postMessage(RESET)
    this.#port.close()
  }

  /** A paused reader leaves its bytes in the read buffer, and what is there earns no credit: the sender stops by itself. */
  override sendPause(): void {}

  override sendResume(): void {}

  /** The base class calls it on all occasions to read: bytes came, `resume()`, a first listener. */
  protected override dispatchReadBuffer(): void {
    super.dispatchReadBuffer()
    const read = this.#debt - this.readBuffer.byteLength
    // once for many messages, and always before a sender without credit would wait for ever
    if (read >= WINDOW_BYTES / 2) {
      this.#debt -= read
      this.#port.postMessage(read)
    }
  }

  /** The other side is a stranger: each message is one of three, within its bounds, or the connection ends. */
  #onMessage(message: unknown): void {
    if (message instanceof Uint8Array && message.byteLength <= WINDOW_BYTES - this.#debt) {
      this.#debt += message.byteLength
      this.onData(message)
    } else if (isCount(message) && message <= WINDOW_BYTES - this.#credit) {
      this.#credit += message
      this.safeDispatchEvent('drain')
    } else if (message === RESET) {
      this.onRemoteReset()
    } else {
      this.abort(new ProtocolError('neither data, credit nor reset, or more than the window has room for'))
    }
  }
}

function isCount(message: unknown): message is number {
  return Number.isSafeInteger(message) && Number(message) > 0
}
