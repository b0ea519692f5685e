import { MAX_OLD_LINKS } from './constants.ts'
import { PathLostError } from './errors.ts'
import { Link } from './link.ts'
import type { LinkEvents } from './link.ts'
import type { NativeStream } from './native.ts'
import type { Retained } from './retained.ts'
import { PREFACE_BYTES, decodePreface, encodePreface } from './wire/preface.ts'
import type { Preface } from './wire/preface.ts'

export interface SuccessionInit {
  readonly sent: Retained
  /** The stream that is sent on now. */
  readonly current: () => Link
  /** How many bytes of the other end arrived. */
  readonly received: () => number
  readonly isOpen: () => boolean
  readonly onBytes: (bytes: Uint8Array) => void
  /** What else can happen to a stream. */
  readonly endings: (link: () => Link) => Omit<LinkEvents, 'onBytes'>
  /** From now on this stream is sent on. */
  readonly onNext: (link: Link, canSendMore: boolean) => void
  readonly onFailure: (error: Error) => void
}

/**
 * How a connection goes on over another UDX stream. UDX can send to a new address, but what was under way to the old one it
 * sends there again and again (each packet keeps the address it was made for), so a stream does not outlive a move. Its
 * successor begins with what each end has got, and what is missing is sent again.
 */
export class Succession {
  readonly #init: SuccessionInit
  /** Streams that are not sent on any more, but may still bring something. */
  readonly #old = new Set<Link>()
  /** Waits for the other end to begin. */
  #expected: Link | undefined

  constructor(init: SuccessionInit) {
    this.#init = init
  }

  /** The other end moved, got our bytes up to `offset`, and waits on this stream. */
  begin(stream: NativeStream, offset: number): void {
    const { current, received, onNext } = this.#init
    const link = this.#link(stream, (preface) => {
      this.#accept(preface)
      this.#releaseOld()
    })
    this.#keep(current())
    const canSendMore = this.#sendFrom(link, { received: received(), start: offset })
    if (canSendMore !== undefined) {
      onNext(link, canSendMore)
    }
  }

  /** We moved: the other end will begin on this stream, once it knows. */
  expect(stream: NativeStream): void {
    if (this.#expected !== undefined) {
      // the other end may be on it already, and would take its end for that of the connection
      this.#keep(this.#expected)
    }
    const { current, received, onNext } = this.#init
    const link = this.#link(stream, (preface) => {
      if (this.#expected !== link) {
        return
      }
      this.#expected = undefined
      this.#keep(current())
      this.#accept(preface)
      this.#releaseOld()
      const canSendMore = this.#sendFrom(link, { received: received(), start: preface.received })
      if (canSendMore !== undefined) {
        onNext(link, canSendMore)
      }
    })
    this.#expected = link
  }

  /** Nobody begins any more. */
  giveUp(): void {
    this.#expected?.release()
    this.#expected = undefined
  }

  end(): void {
    this.giveUp()
    this.#releaseOld()
  }

  #keep(link: Link): void {
    this.#old.add(link)
    const [oldest] = this.#old
    if (this.#old.size > MAX_OLD_LINKS && oldest !== undefined) {
      this.#old.delete(oldest)
      oldest.release()
    }
  }

  #releaseOld(): void {
    for (const link of this.#old) {
      link.release()
    }
    this.#old.clear()
  }

  /** A stream whose other end says first where it begins; what we have already is dropped. */
  #link(stream: NativeStream, onPreface: (preface: Preface) => void): Link {
    const { onBytes, endings, received } = this.#init
    let head: Uint8Array | undefined = new Uint8Array(0)
    let at = 0
    const pass = (bytes: Uint8Array): void => {
      const known = Math.max(0, received() - at)
      at += bytes.length
      if (known < bytes.length) {
        onBytes(bytes.subarray(known))
      }
    }
    const link: Link = new Link(stream, {
      onBytes: (bytes) => {
        if (head === undefined) {
          pass(bytes)
          return
        }
        head = Buffer.concat([head, bytes])
        if (head.length < PREFACE_BYTES) {
          return
        }
        const rest = head.subarray(PREFACE_BYTES)
        const preface = decodePreface(head.subarray(0, PREFACE_BYTES))
        head = undefined
        if (preface === undefined) {
          this.#fail('the other end began a stream with nonsense')
          return
        }
        at = preface.start
        onPreface(preface)
        pass(rest)
      },
      ...endings(() => link)
    })
    return link
  }

  #accept({ start }: Preface): void {
    if (start > this.#init.received()) {
      this.#fail('bytes are missing between two streams')
    }
  }

  /** Says whether there is room for more; `undefined`: it failed. */
  #sendFrom(link: Link, preface: Preface): boolean | undefined {
    const missing = this.#init.sent.from(preface.start)
    if (missing === undefined || !this.#init.isOpen()) {
      link.release()
      this.#fail('what the other end is missing is not kept any more')
      return undefined
    }
    let canSendMore = link.write(encodePreface(preface))
    for (const part of missing) {
      canSendMore = link.write(part)
    }
    return canSendMore
  }

  #fail(why: string): void {
    this.#init.onFailure(new PathLostError(why))
  }
}
