import { InvalidOptionError } from '@p2pshare/interface'
import type { BanReason } from './ban.ts'

/** Bans that are kept. Of those that end by themselves, the one that ends first makes room for another. */
export const MAX_BANS = 10_000

/** A ban that nobody asked for ends after this long, however often the peer was banned before. */
export const MAX_BAN_MS = 30 * 24 * 60 * 60 * 1000

/** A ban as it is kept. */
export interface BanRecord {
  readonly peer: string
  readonly reason: BanReason
  readonly since: number
  /** `Infinity`: it does not end by itself. */
  readonly until: number
  readonly count: number
}

/**
 * Who is banned, and until when. One that has ended is remembered for as long as it lasted: should the peer be banned again
 * before, it is for twice as long. Pure: the time, in milliseconds since 1970, is passed in.
 */
export class BanList {
  readonly #records = new Map<string, BanRecord>()

  constructor(records: Iterable<BanRecord> = []) {
    for (const record of records) {
      this.#records.set(record.peer, record)
    }
  }

  /** Those in force and those that are remembered. */
  get records(): BanRecord[] {
    return [...this.#records.values()]
  }

  /** The ban of the peer that is in force. */
  get(peer: string, now: number): BanRecord | undefined {
    const record = this.#records.get(peer)
    return record !== undefined && now < record.until ? record : undefined
  }

  /** Those in force, the oldest first. */
  inForce(now: number): BanRecord[] {
    return this.records.filter(({ until }) => now < until).sort((a, b) => a.since - b.since)
  }

  /**
   * Ban the peer; a ban that is in force becomes this one, unless it lasts longer. Returns the one in force.
   *
   * @throws InvalidOptionError when the user has banned `MAX_BANS` others
   */
  add({ peer, reason, since, until, count }: BanRecord): BanRecord {
    this.#forgetOver(since)
    const former = this.#records.get(peer)
    if (former !== undefined && since < former.until && until <= former.until) {
      return former
    }
    if (former === undefined && this.#records.size >= MAX_BANS) {
      this.#makeRoom()
    }
    const repeated = former !== undefined && reason !== 'user' && former.until !== Infinity
    const lengthMs = repeated ? Math.min(Math.max(2 * lengthOf(former), until - since), MAX_BAN_MS) : until - since
    const record = { peer, reason, since, until: since + lengthMs, count }
    this.#records.delete(peer) // the newest is the last
    this.#records.set(peer, record)
    return record
  }

  /** Whether there was one, in force or remembered. */
  remove(peer: string): boolean {
    return this.#records.delete(peer)
  }

  #forgetOver(now: number): void {
    for (const record of this.#records.values()) {
      if (now >= record.until + lengthOf(record)) {
        this.#records.delete(record.peer)
      }
    }
  }

  #makeRoom(): void {
    let first: BanRecord | undefined
    for (const record of this.#records.values()) {
      const goes = record.reason !== 'user' && (first === undefined || record.until < first.until)
      first = goes ? record : first
    }
    if (first === undefined) {
      throw new InvalidOptionError('peer', `${MAX_BANS} peers are banned already: end some of those bans`)
    }
    this.#records.delete(first.peer)
  }
}

function lengthOf({ since, until }: BanRecord): number {
  return until - since
}
