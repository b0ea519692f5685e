import type { MemberBrain, MemberLinkEnd } from '../../../src/sim/membership/brain.ts'
import type { MemberInit } from '../../../src/sim/membership/simulation.ts'

export interface Note {
  readonly what: string
  readonly peer: number
  readonly at: number
}

/** Does nothing by itself and writes down what happens to it. */
export class RecordingBrain implements MemberBrain<string> {
  wakeAt = Infinity
  readonly notes: Note[] = []

  tick(now: number): void {
    this.wakeAt = Infinity
    this.notes.push({ what: 'tick', peer: -1, at: now })
  }

  receive(from: number, message: string, now: number): void {
    this.notes.push({ what: message, peer: from, at: now })
  }

  linkUp(peer: number, now: number): void {
    this.notes.push({ what: 'up', peer, at: now })
  }

  linkDown(peer: number, end: MemberLinkEnd, now: number): void {
    this.notes.push({ what: end, peer, at: now })
  }

  leave(now: number): void {
    this.notes.push({ what: 'leave', peer: -1, at: now })
  }

  /** When it happened first. */
  when(what: string): number | undefined {
    return this.notes.find((note) => note.what === what)?.at
  }
}

export type Gossip =
  | { readonly type: 'beat' }
  | {
      readonly type: 'news'
      readonly status: 'join' | 'dead' | 'leave'
      readonly member: number
      readonly hops: number
    }
  | { readonly type: 'view'; readonly members: readonly number[] }

const BEAT_MS = 1000
const PATIENCE_MS = 3000

/** The simplest that works: links to three neighbours by number, beats over them, floods what it hears, once. */
export class FloodingBrain implements MemberBrain<Gossip> {
  wakeAt: number
  readonly #init: MemberInit<Gossip>
  readonly #heard = new Map<number, number>()
  readonly #news = new Set<string>()
  readonly #known = new Set<number>()

  constructor(init: MemberInit<Gossip>, members: number) {
    this.#init = init
    const { port, knows, now, random } = init
    this.wakeAt = now + random() * BEAT_MS
    for (const known of knows) {
      this.#known.add(known)
    }
    if (knows.length > 0) {
      for (const step of [1, 2, 7]) {
        port.link((port.self + step) % members)
      }
    }
  }

  tick(now: number): void {
    this.wakeAt = now + BEAT_MS
    for (const [peer, at] of this.#heard) {
      if (now - at > PATIENCE_MS) {
        this.#heard.delete(peer)
        this.#learn('dead', peer, 0)
      } else {
        this.#init.port.send(peer, { type: 'beat' }, 24)
      }
    }
  }

  receive(from: number, message: Gossip, now: number): void {
    if (this.#heard.has(from)) {
      this.#heard.set(from, now)
    }
    if (message.type === 'news') {
      this.#learn(message.status, message.member, message.hops)
    } else if (message.type === 'view') {
      for (const member of message.members) {
        this.#learn('join', member, 1)
      }
    }
  }

  linkUp(peer: number, now: number): void {
    this.#heard.set(peer, now)
    if (!this.#known.has(peer)) {
      this.#init.port.send(peer, { type: 'view', members: [...this.#known, this.#init.port.self] }, 8)
      this.#learn('join', peer, 1)
    }
  }

  linkDown(peer: number, end: MemberLinkEnd): void {
    if (end === 'refused') {
      this.#heard.delete(peer)
      this.#learn('dead', peer, 0)
    }
  }

  leave(): void {
    this.#learn('leave', this.#init.port.self, 0)
  }

  #learn(status: 'join' | 'dead' | 'leave', member: number, hops: number): void {
    const key = `${status} ${member}`
    if (this.#news.has(key)) {
      return
    }
    this.#news.add(key)
    if (status === 'join') {
      this.#known.add(member)
    } else {
      this.#known.delete(member)
    }
    this.#init.notify({ type: status, member, hops }, 1)
    for (const peer of this.#heard.keys()) {
      this.#init.port.send(peer, { type: 'news', status, member, hops: hops + 1 }, 100)
    }
  }
}
