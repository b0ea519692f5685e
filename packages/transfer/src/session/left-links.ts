import type { Link } from './link.ts'

/** Links that were left and of which the peer has not said what came by them; with more it does not keep to the rules. */
export const MAX_LEFT_LINKS = 8

/** Links that a session moved away from, until both sides have said what came by them. */
export class LeftLinks {
  readonly #links = new Map<number, Link>()

  get count(): number {
    return this.#links.size
  }

  get areTooMany(): boolean {
    return this.#links.size > MAX_LEFT_LINKS
  }

  /** Take what is on its way by a link; `drained` when that is over. */
  add(link: Link, drained: () => void): void {
    this.#links.set(link.move, link)
    link.drain(() => {
      drained()
      this.#forgetIfOver(link)
    })
  }

  /** Wait no longer for what is on its way by any but one. */
  endDrains(except: number): void {
    for (const link of this.#links.values()) {
      if (link.move !== except) {
        link.endDrain()
      }
    }
  }

  /** The peer has said what came by the link of this move. */
  finished(move: number): void {
    const link = this.#links.get(move)
    if (link !== undefined) {
      link.isFinished = true
      this.#forgetIfOver(link)
    }
  }

  /** The session ended. */
  close(): void {
    for (const link of this.#links.values()) {
      link.close(new DOMException('the session ended', 'AbortError'))
    }
    this.#links.clear()
  }

  #forgetIfOver(link: Link): void {
    if (link.isDrained && link.isFinished) {
      this.#links.delete(link.move)
      link.close(new DOMException('the session has moved', 'AbortError'))
    }
  }
}
