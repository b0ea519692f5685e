import type { Provider } from '@p2pshare/interface'

interface Entry {
  readonly provider: Provider
  readonly sequence: bigint
  readonly heardAt: number
  readonly present: boolean
}

/** Who announced itself in one share's topic. Pure: time comes in with the calls. */
export class SharePeers {
  readonly #entries = new Map<string, Entry>()
  readonly #max: number
  readonly #presenceMs: number

  /** A peer that is silent for `presenceMs` is new when it is heard again. */
  constructor(max: number, presenceMs: number) {
    this.#max = max
    this.#presenceMs = presenceMs
  }

  /** A peer says it is here. True when that is news: it is new or it came back. */
  here(provider: Provider, sequence: bigint, now: number): boolean {
    const key = provider.id.toString()
    const known = this.#entries.get(key)
    if (known !== undefined && sequence <= known.sequence) {
      return false
    }
    if (known === undefined && !this.#makeRoom(now)) {
      return false
    }
    // to the end: the map stays ordered by when each was heard
    this.#entries.delete(key)
    this.#entries.set(key, { provider, sequence, heardAt: now, present: true })
    return known === undefined || !this.#isPresent(known, now)
  }

  /** A peer says it leaves. */
  leaving(id: Provider['id'], sequence: bigint): void {
    const known = this.#entries.get(id.toString())
    if (known !== undefined && sequence > known.sequence) {
      this.#entries.set(id.toString(), { ...known, sequence, present: false })
    }
  }

  /** A peer is gone without a word. Its past messages still count as replays. */
  gone(id: Provider['id']): void {
    const known = this.#entries.get(id.toString())
    if (known !== undefined) {
      this.#entries.set(id.toString(), { ...known, present: false })
    }
  }

  present(now: number): Provider[] {
    return [...this.#entries.values()].filter((entry) => this.#isPresent(entry, now)).map(({ provider }) => provider)
  }

  #isPresent(entry: Entry, now: number): boolean {
    return entry.present && now - entry.heardAt < this.#presenceMs
  }

  /** Only who is gone makes room: a flood of new names must not push out those that are there. */
  #makeRoom(now: number): boolean {
    if (this.#entries.size < this.#max) {
      return true
    }
    for (const [key, entry] of this.#entries) {
      if (!this.#isPresent(entry, now)) {
        return this.#entries.delete(key)
      }
    }
    return false
  }
}
