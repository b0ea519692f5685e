import type { FrameSink } from '../wire/frame.ts'
import { Undelimiter } from '../wire/delimited.ts'
import { MAX_CONTROL_BYTES } from '../wire/limits.ts'
import { DataIn } from './data-in.ts'
import type { Lane } from './lane.ts'

/** A lane that was left and brings nothing for so long is given up. */
export const DRAIN_SILENCE_MS = 500

/** A lane that was left is read no longer than this: what it still holds comes sooner by the new one. */
export const DRAIN_MS = 2000

export interface LinkInit {
  /** The move that brought it; 0 for the first. */
  readonly move: number
  readonly control: Lane
  readonly data: Lane
  readonly sink: FrameSink
  /** A message, and its place. It may have come by another link before. */
  message(bytes: Uint8Array, place: number): void
  /** The first message of the control lane of a move: the place of the next one. */
  begins(bytes: Uint8Array): number
  took(bytes: number): number
  /** Bytes of data were handed on. */
  consumed(link: Link, bytes: number): void
  /** A lane ended; the error if there was one. */
  ended(link: Link, error: Error | undefined): void
  /** The peer broke a rule. */
  failed(error: unknown): void
}

/** The two lanes of a session on one connection, as they are read. What is sent is `DataOut`'s and the session's. */
export class Link {
  readonly move: number
  readonly control: Lane
  readonly data: Lane
  /** Bytes of data that were handed on, and of those, what the peer was told. */
  received = 0
  acked = 0
  /** The peer has said what of this side's data came by it. */
  isFinished = false
  readonly #init: LinkInit
  readonly #in: DataIn
  readonly #undelimiter = new Undelimiter(MAX_CONTROL_BYTES)
  /** Place of the next message in all that the peer says; the first lane begins at 0, another one says where. */
  #place: number | undefined
  #isClosed = false
  #isDrained = false
  #done: (() => void) | undefined
  #timers: NodeJS.Timeout[] = []

  constructor(init: LinkInit) {
    this.#init = init
    this.move = init.move
    this.control = init.control
    this.data = init.data
    this.#place = init.move === 0 ? 0 : undefined
    this.#in = new DataIn({
      sink: init.sink,
      took: (bytes) => init.took(bytes),
      consumed: (bytes) => {
        this.received += bytes
        init.consumed(this, bytes)
      },
      pause: () => {
        this.data.pause()
      },
      resume: () => {
        this.data.resume()
        this.#endIfDrained()
      },
      failed: (error) => {
        init.failed(error)
      }
    })
    for (const lane of [init.control, init.data]) {
      void lane.closed.then((error) => {
        this.#isClosed ||= lane === init.data
        init.ended(this, error)
        this.#endIfDrained()
      })
    }
  }

  start(): void {
    this.control.receive((chunk) => {
      this.#guard(() => {
        this.#takeMessages(chunk)
      })
    })
    this.data.receive((chunk) => {
      this.#guard(() => {
        this.#in.push(chunk)
        this.#endIfDrained()
        this.#timers[0]?.refresh()
      })
    })
  }

  /** Another link is used, or will be: take what is on its way by this one, and say when that is over. Once. */
  drain(done: () => void): void {
    this.#done = done
    this.control.end()
    const giveUp = (): void => {
      if (this.#in.isStopped) {
        this.#timers[0]?.refresh() // it is this node that does not read
      } else {
        this.endDrain()
      }
    }
    this.#timers = [
      setTimeout(giveUp, DRAIN_SILENCE_MS),
      setTimeout(() => {
        this.endDrain()
      }, DRAIN_MS)
    ]
    this.#endIfDrained()
  }

  /** It was left, and nothing more of it is taken. */
  get isDrained(): boolean {
    return this.#isDrained
  }

  /** Wait no longer for what is on its way. */
  endDrain(): void {
    const done = this.#done
    if (done !== undefined) {
      this.#done = undefined
      this.#isDrained = true
      this.end()
      done()
    }
  }

  /** The session ended; the lanes end in order if there was no error. */
  close(error: Error | undefined): void {
    this.end()
    for (const lane of [this.control, this.data]) {
      if (error === undefined) {
        lane.end()
      } else {
        lane.abort(error)
      }
    }
  }

  /** Read no more. */
  end(): void {
    this.#in.end()
    for (const timer of this.#timers) {
      clearTimeout(timer)
    }
    this.#timers = []
  }

  #takeMessages(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength;) {
      const { message, next } = this.#undelimiter.take(chunk, at)
      at = next
      if (message === undefined) {
        return
      }
      if (this.#place === undefined) {
        this.#place = this.#init.begins(message)
      } else {
        this.#init.message(message, this.#place++)
      }
    }
  }

  #endIfDrained(): void {
    if (this.#isClosed && !this.#in.isStopped) {
      this.endDrain()
    }
  }

  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#init.failed(error)
    }
  }
}
