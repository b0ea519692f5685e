import type { TLSSocket } from 'node:tls'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { BulkChannel } from '@p2pshare/interface'
import { toError } from '../socket-events.ts'
import { BULK_LINGER_MS, WRITE_HIGH_WATER_BYTES, WRITE_LOW_WATER_BYTES } from './constants.ts'
import { BulkChannelError } from './errors.ts'
import type { Intake } from './intake.ts'
import { WriteQueue } from './write-queue.ts'

/** What a channel is made of: the handshake is over, reading is stopped, and the socket may be half open. */
export interface ChannelInit {
  readonly socket: TLSSocket
  readonly intake: Intake
  readonly remotePeer: PeerId
  readonly remoteAddr: Multiaddr
  readonly idleTimeoutMs: number
}

/** One open channel, however it came about: who reads the socket calls `arrived` or the intake itself. */
export class Channel implements BulkChannel {
  readonly remotePeer: PeerId
  readonly remoteAddr: Multiaddr
  readonly closed: Promise<Error | undefined>
  readonly #socket: TLSSocket
  readonly #intake: Intake
  readonly #queue = new WriteQueue()
  readonly #settleClosed: (error: Error | undefined) => void
  #drains: Array<() => void> = []
  #ending = false
  #socketClosed = false
  #over = false
  #linger: NodeJS.Timeout | undefined

  constructor({ socket, intake, remotePeer, remoteAddr, idleTimeoutMs }: ChannelInit) {
    this.remotePeer = remotePeer
    this.remoteAddr = remoteAddr
    this.#socket = socket
    this.#intake = intake
    const { promise, resolve } = Promise.withResolvers<Error | undefined>()
    this.closed = promise
    this.#settleClosed = resolve
    socket.setTimeout(idleTimeoutMs, () => {
      this.abort(new BulkChannelError('idle', `nothing went over the channel for ${idleTimeoutMs} ms`))
    })
    const onError = (error: Error): void => {
      this.abort(error)
    }
    socket.on('error', onError)
    // errors of TLS on a socket that was accepted are told only so
    socket.on('_tlsError', onError)
    socket.once('end', () => {
      this.end()
    })
    socket.once('finish', () => {
      this.#linger = setTimeout(() => {
        socket.destroy()
      }, BULK_LINGER_MS)
    })
    socket.once('close', () => {
      this.#socketClosed = true
      this.#finishWhenRead()
    })
    if (socket.destroyed || socket.readableEnded) {
      this.abort(new BulkChannelError('unreachable', 'the other side ended the channel at once'))
    }
  }

  get queuedBytes(): number {
    return this.#queue.queuedBytes
  }

  write(parts: readonly Uint8Array[], done?: () => void): boolean {
    if (this.#ending || this.#over) {
      if (done !== undefined) {
        queueMicrotask(done)
      }
      return false
    }
    this.#queue.add(parts, done)
    this.#pump()
    return this.queuedBytes < WRITE_HIGH_WATER_BYTES
  }

  async drained(): Promise<void> {
    if (this.#over || this.queuedBytes < WRITE_HIGH_WATER_BYTES) {
      return
    }
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#drains.push(() => {
      resolve(undefined)
    })
    await promise
  }

  resume(): void {
    if (this.#over) {
      return
    }
    this.guard(() => {
      if (this.#intake.resume()) {
        this.#socket.resume()
      }
    })
    this.#finishWhenRead()
  }

  end(): void {
    this.#ending = true
    this.#pump()
  }

  abort(error: Error): void {
    this.#socket.destroy()
    this.#finish(error)
  }

  /** Runs what calls the sink; what the sink throws ends the channel. */
  guard<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      this.abort(toError(error))
      return undefined
    }
  }

  #pump(): void {
    if (this.#over) {
      return
    }
    const batch = this.#queue.next()
    if (batch !== undefined) {
      this.#send(batch.segments, 0)
    } else if (this.#ending && this.#queue.empty) {
      this.#socket.end()
    }
  }

  /** One segment at a time: what waits in the socket together is copied together. */
  #send(segments: readonly Uint8Array[], at: number): void {
    const segment = segments[at]
    if (segment === undefined) {
      this.#taken()
      return
    }
    this.#socket.write(segment, (error) => {
      // an error ends the channel by itself
      if (!error && !this.#over) {
        this.#send(segments, at + 1)
      }
    })
  }

  #taken(): void {
    this.#queue.settle()
    if (this.queuedBytes <= WRITE_LOW_WATER_BYTES) {
      this.#wake()
    }
    this.#pump()
  }

  #wake(): void {
    const waiting = this.#drains
    this.#drains = []
    for (const resolve of waiting) {
      resolve()
    }
  }

  /** The end of the socket is the end of the channel when the sink has all that arrived before. */
  #finishWhenRead(): void {
    if (this.#socketClosed && this.#intake.waitingBytes === 0) {
      this.#finish(undefined)
    }
  }

  #finish(error: Error | undefined): void {
    if (this.#over) {
      return
    }
    this.#over = true
    clearTimeout(this.#linger)
    // something may still fail on the way out
    this.#socket.on('error', ignore)
    this.#queue.clear()
    this.#wake()
    this.#settleClosed(error)
  }
}

function ignore(): void {
  // the channel is over
}
