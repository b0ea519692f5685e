/** Silences after which a contact leaves the table. One is a pause of a busy peer, or the moment its network changed. */
const STRIKES = 2

/** Silences that lie closer together are one: what was asked at the same time went unanswered for the same reason. */
const STRIKE_GAP_MS = 10_000

/** Outcomes that tell whether it is the others who are silent, or this node that hears nobody. */
const WINDOW = 64

/**
 * Contacts that leave for silence in a minute. A flood or a release makes many honest peers slow at once, and the table has
 * to outlast that; black holes are one in ten at most, and can go one by one.
 */
export const MAX_DEPARTURES = 8

const MINUTE_MS = 60_000

/** Peers whose silences are remembered, the latest. */
export const MAX_SUSPECTS = 1_024

interface Suspect {
  readonly strikes: number
  readonly at: number
}

/** Who stays silent for so long that it should leave the table. Pure: time comes in. */
export class Departures {
  readonly #suspects = new Map<string, Suspect>()
  readonly #recent: boolean[] = []
  #left: number[] = []

  answered(peer: string): void {
    this.#suspects.delete(peer)
    this.#note(true)
  }

  /** True when it should leave now. */
  silent(peer: string, now: number): boolean {
    this.#note(false)
    const before = this.#suspects.get(peer)
    if (before !== undefined && now - before.at < STRIKE_GAP_MS) {
      return false
    }
    const strikes = (before?.strikes ?? 0) + 1
    const leaves = strikes >= STRIKES && this.#othersAnswer() && this.#hasRoom(now)
    this.#suspects.delete(peer)
    if (leaves) {
      this.#left.push(now)
    } else {
      this.#suspects.set(peer, { strikes, at: now })
      this.#forgetOldest()
    }
    return leaves
  }

  #note(ok: boolean): void {
    this.#recent.push(ok)
    if (this.#recent.length > WINDOW) {
      this.#recent.shift()
    }
  }

  /** When most are silent it is our own link that is down, or our own processor that is busy. */
  #othersAnswer(): boolean {
    return 2 * this.#recent.filter(Boolean).length > this.#recent.length
  }

  #hasRoom(now: number): boolean {
    this.#left = this.#left.filter((at) => now - at < MINUTE_MS)
    return this.#left.length < MAX_DEPARTURES
  }

  #forgetOldest(): void {
    if (this.#suspects.size > MAX_SUSPECTS) {
      const [oldest = ''] = this.#suspects.keys()
      this.#suspects.delete(oldest)
    }
  }
}
