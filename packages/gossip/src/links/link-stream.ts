import type { Connection, Stream, StreamMessageEvent } from '@libp2p/interface'
import { MAX_READ_BUFFER_BYTES, MAX_SEND_QUEUE_BYTES, RETIRE_MS, TURN_MS } from './constants.ts'
import { LinkFaultError } from './errors.ts'
import { FrameReader, withLength } from './frame-reader.ts'
import type { PeerMeter } from './peer-meter.ts'
import { quietWindow } from './quiet-window.ts'

/** `closed`: the other end closed it, or we did; `reset`: it broke off; `fault`: the peer broke the rules. */
export type StreamEnd = 'closed' | 'reset' | 'fault'

/** What a `LinkStream` works with. */
export interface LinkStreamInit {
  readonly stream: Stream
  readonly connection: Connection
  readonly isOurs: boolean
  readonly meter: PeerMeter
  readonly now: () => number
  /** A promise holds the next frame back. What it throws, or rejects with, is the peer's fault. */
  readonly onFrame: (frame: Uint8Array) => void | Promise<void>
  /** Once. May be called from within `send`. */
  readonly onEnd: (end: StreamEnd) => void
}

/** One stream of a link: frames out, within a bounded queue, and frames in, one after the other and not too fast. */
export class LinkStream {
  readonly connection: Connection
  readonly isOurs: boolean
  readonly #init: LinkStreamInit
  readonly #stream: Stream
  readonly #reader = new FrameReader()
  #timer: ReturnType<typeof setTimeout> | undefined
  #retireTimer: ReturnType<typeof setTimeout> | undefined
  #isHeld = false
  #isQuiet = false
  #hasEnded = false

  constructor(init: LinkStreamInit) {
    this.#init = init
    this.#stream = init.stream
    this.connection = init.connection
    this.isOurs = init.isOurs
    init.stream.maxReadBufferLength = MAX_READ_BUFFER_BYTES
    init.stream.maxWriteBufferLength = MAX_SEND_QUEUE_BYTES
    quietWindow(init.stream)
    init.stream.addEventListener('close', this.#onClose)
    init.stream.addEventListener('remoteCloseWrite', this.#onRemoteClose)
    init.stream.addEventListener('message', this.#onMessage)
  }

  get isOpen(): boolean {
    return !this.#hasEnded && this.#stream.writeStatus === 'writable'
  }

  get queuedBytes(): number {
    return this.#stream.writeBufferLength
  }

  /** Nothing happens when it is closed: whoever sends is told by `onEnd`. */
  send(frame: Uint8Array): void {
    if (!this.isOpen) {
      return
    }
    try {
      this.#stream.send(withLength(frame))
    } catch {
      // it has ended, or does now: `onEnd` says so
    }
  }

  /** Send nothing more and let the other end do the same. Frames still come in, unless `quiet`. */
  retire({ quiet = false } = {}): void {
    this.#isQuiet ||= quiet
    if (this.#retireTimer !== undefined || this.#hasEnded) {
      return
    }
    this.#retireTimer = setTimeout(() => {
      this.abort(new LinkFaultError('the other end does not close its stream'))
    }, RETIRE_MS)
    this.#stream.close().catch(() => {
      // it broke off meanwhile, which closes it too
    })
  }

  abort(error: Error): void {
    this.#stream.abort(error)
  }

  readonly #onMessage = ({ data }: StreamMessageEvent): void => {
    if (this.#isQuiet || this.#hasEnded) {
      return
    }
    this.#reader.push(data)
    if (!this.#isHeld) {
      this.#pump()
    }
  }

  #pump(): void {
    const startedAt = this.#init.now()
    try {
      while (!this.#hasEnded && !this.#isQuiet) {
        const now = this.#init.now()
        const waitMs = this.#init.meter.frameWaitMs(now)
        if (waitMs > 0 || now - startedAt > TURN_MS) {
          this.#hold(this.#pause(waitMs))
          return
        }
        const frame = this.#reader.next()
        if (frame === undefined) {
          return
        }
        this.#init.meter.frame(frame.byteLength, now)
        const handled = this.#init.onFrame(frame)
        if (handled !== undefined) {
          this.#hold(handled)
          return
        }
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  /** No more bytes are taken until it is settled. */
  #hold(until: Promise<void>): void {
    this.#isHeld = true
    if (this.#stream.readStatus === 'readable') {
      this.#stream.pause()
    }
    until.then(
      () => {
        this.#isHeld = false
        if (this.#init.meter.isFlooding) {
          this.#fail(new LinkFaultError('the peer floods us'))
          return
        }
        this.#pump()
        this.#resume()
      },
      (error: unknown) => {
        this.#fail(error)
      }
    )
  }

  #resume(): void {
    if (!this.#isHeld && !this.#hasEnded && this.#stream.readStatus === 'paused') {
      this.#stream.resume()
    }
  }

  async #pause(waitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#timer = setTimeout(resolve, waitMs)
    })
  }

  #fail(error: unknown): void {
    this.#end('fault')
    this.#stream.abort(error instanceof Error ? error : new LinkFaultError('the peer broke the rules'))
  }

  readonly #onRemoteClose = (): void => {
    this.retire()
    this.#end('closed')
  }

  readonly #onClose = ({ error }: { error?: Error }): void => {
    this.#end(error === undefined ? 'closed' : 'reset')
    clearTimeout(this.#retireTimer)
  }

  #end(end: StreamEnd): void {
    if (this.#hasEnded) {
      return
    }
    this.#hasEnded = true
    clearTimeout(this.#timer)
    this.#init.onEnd(end)
  }
}
