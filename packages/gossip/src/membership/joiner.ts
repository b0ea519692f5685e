import { NOBODY } from './state.ts'
import type { Comparer } from './comparer.ts'
import type { Context } from './context.ts'
import type { Links } from './links.ts'
import type { Claim, MemberIndex } from './types.ts'

/** Members of a snapshot that are tried at once. */
const CONTACTS_AT_ONCE = 3

/** Who was asked for its view and has not sent it has so long before another one is asked. */
const COPY_TIMEOUT_MS = 5_000

/** Finds somebody to ask, asks one at a time for its view, and knows when this node has one. */
export class Joiner {
  /** This node has heard what another one knows. Only then it passes on what comparisons bring. */
  isSettled = false
  readonly #context: Context
  readonly #links: Links
  readonly #comparer: Comparer
  #contacts: MemberIndex[] = []
  #asked: MemberIndex | undefined
  #askedAt = -Infinity

  constructor(context: Context, links: Links, comparer: Comparer) {
    this.#context = context
    this.#links = links
    this.#comparer = comparer
  }

  start(contacts: readonly Claim[], now: number): void {
    this.#contacts = contacts.map(({ subject }) => subject).filter((subject) => subject !== this.#context.self)
    this.round(now)
  }

  /** A link came up. */
  linked(now: number): void {
    if (!this.isSettled && this.#asked === undefined) {
      this.#ask(now)
    }
  }

  unlinked(peer: MemberIndex, now: number): void {
    if (this.#asked === peer) {
      this.#asked = undefined
      this.linked(now)
    }
  }

  /** A comparison with somebody has ended. */
  done(): void {
    this.isSettled = true
    this.#contacts = []
    this.#asked = undefined
  }

  /** Every probe interval: ask on. */
  round(now: number): void {
    if (this.isSettled) {
      return
    }
    if (this.#asked === undefined || now - this.#askedAt >= COPY_TIMEOUT_MS) {
      this.#ask(now)
    }
    let trying = 0
    for (const link of this.#links.all()) {
      trying += link.isUp || link.isAsked ? 1 : 0
    }
    const { random } = this.#context
    for (; trying < CONTACTS_AT_ONCE && this.#contacts.length > 0; trying++) {
      const place = Math.floor(random() * this.#contacts.length)
      const contact = this.#contacts[place] ?? NOBODY
      const link = this.#links.get(contact)
      if (link !== undefined && now < link.retryAt) {
        continue
      }
      this.#links.ask(this.#links.getOrAdd(contact), now)
    }
  }

  #ask(now: number): void {
    const others = this.#links.up.filter(({ peer }) => peer !== this.#asked)
    const link = others[Math.floor(this.#context.random() * others.length)] ?? this.#links.up[0]
    this.#asked = link?.peer
    if (link !== undefined) {
      this.#askedAt = now
      this.#comparer.start(link.peer)
    }
  }
}
