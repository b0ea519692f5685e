import type { Logger, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { InvalidOptionError } from '@p2pshare/interface'
import { asError } from '../as-error.ts'
import { DiskError, StoreBusyError } from '../errors.ts'
import type { Ban, BanOptions, BanReason, Offence } from './ban.ts'
import { BanFile } from './ban-file.ts'
import { BanList, MAX_BANS } from './ban-list.ts'
import type { BanRecord } from './ban-list.ts'
import { Reputation } from './reputation.ts'

/** The longest that a user may say, 100 years: who means for ever says nothing. */
export const MAX_USER_BAN_MS = 100 * 365 * 24 * 60 * 60 * 1000

/** How often what other processes of the same directory have changed is looked for. */
export const WATCH_MS = 2000

export interface BansInit {
  /** Where bans are kept over restarts; without one they end with this node. */
  readonly directory: string | undefined
  readonly log: Logger
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number
  /** A peer is banned from now on, whoever said so. */
  banned(ban: Ban): void
  /** It is not any more, before its time was up. */
  pardoned(peer: PeerId): void
}

/** A change of the list, to be made here and in the file. */
type Change = (list: BanList) => void

/** Whom this node has nothing to do with, and why (docs/adr/0024-bans-are-a-file-of-the-home.md). */
export class Bans {
  readonly #init: BansInit
  readonly #now: () => number
  readonly #file: BanFile | undefined
  readonly #reputation = new Reputation()
  #list = new BanList()
  /** Made here, and not yet in the file. */
  #pending: Change[] = []
  #work: Promise<unknown> = Promise.resolve()
  #watch: NodeJS.Timeout | undefined

  constructor(init: BansInit) {
    this.#init = init
    this.#now = init.now ?? Date.now
    this.#file = init.directory === undefined ? undefined : new BanFile(init.directory, init.log)
  }

  /** Read what was kept, and notice what other processes change. */
  async start(): Promise<void> {
    await this.refresh()
    this.#watch = setInterval(() => {
      void this.refresh()
    }, WATCH_MS).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch)
    await this.#work
  }

  isBanned(peer: PeerId): boolean {
    return this.#list.get(peer.toString(), this.#now()) !== undefined
  }

  get(peer: PeerId): Ban | undefined {
    const record = this.#list.get(peer.toString(), this.#now())
    return record && toBan(record, peer)
  }

  /** Those in force, the oldest first. */
  list(): Ban[] {
    return this.#list.inForce(this.#now()).flatMap((record) => {
      const peer = parsePeer(record.peer)
      return peer === undefined ? [] : [toBan(record, peer)]
    })
  }

  /** A peer did what it must not. Enough of that is a ban. */
  blame(peer: PeerId, offence: Offence): void {
    const verdict = this.#reputation.blame(peer.toString(), offence, this.#now())
    if (verdict === undefined || this.isBanned(peer)) {
      return
    }
    this.#ban(peer, offence, verdict.banMs, verdict.count).catch((error: unknown) => {
      this.#init.log.error('the ban of %p ends with this node - %e', peer, asError(error))
    })
  }

  /**
   * Ban a peer by hand; kept when it resolves.
   *
   * @throws InvalidOptionError for a duration that makes no sense or is over `MAX_USER_BAN_MS`, or when there are too many
   * bans; DiskError
   */
  async ban(peer: PeerId, { durationMs = Infinity }: BanOptions = {}): Promise<Ban> {
    if (!(durationMs > 0)) {
      throw new InvalidOptionError('durationMs', `${durationMs} is not a time`)
    }
    if (durationMs > MAX_USER_BAN_MS && durationMs !== Infinity) {
      throw new InvalidOptionError('durationMs', `${durationMs} is over ${MAX_USER_BAN_MS}: leave it out for no end`)
    }
    return this.#ban(peer, 'user', Math.ceil(durationMs), 0)
  }

  /** End a ban, and forget what the peer did. Whether there was one. */
  async unban(peer: PeerId): Promise<boolean> {
    const key = peer.toString()
    await this.refresh()
    const wasBanned = this.isBanned(peer)
    this.#reputation.forgive(key)
    await this.#change((list) => {
      list.remove(key)
    })
    return wasBanned
  }

  /** Take over what another process has changed. */
  async refresh(): Promise<void> {
    await this.#inTurn(async () => {
      try {
        const records = await this.#file?.read()
        if (records !== undefined) {
          this.#adopt(records)
        }
      } catch (error) {
        this.#init.log.error('bans cannot be read - %e', asError(error))
      }
    })
  }

  async #ban(peer: PeerId, reason: BanReason, forMs: number, count: number): Promise<Ban> {
    const since = this.#now()
    const record: BanRecord = { peer: peer.toString(), reason, since, until: since + forMs, count }
    await this.#change((list) => {
      list.add(record)
    })
    return this.get(peer) ?? toBan(record, peer)
  }

  /** Here at once, in the file when it resolves. */
  async #change(change: Change): Promise<void> {
    const list = new BanList(this.#list.records)
    change(list)
    this.#use(list)
    const file = this.#file
    if (file === undefined) {
      return
    }
    this.#pending.push(change)
    await this.#inTurn(async () => {
      const changes = this.#pending.splice(0)
      if (changes.length === 0) {
        return // written together with the one before
      }
      try {
        const held = (): readonly BanRecord[] => this.#list.records
        const records = await file.change((found) => applied(found, changes), held)
        if (records === undefined) {
          this.#keep(changes)
        } else {
          this.#adopt(records)
        }
      } catch (error) {
        if (error instanceof DiskError || error instanceof StoreBusyError) {
          this.#keep(changes)
        }
        throw error
      }
    })
  }

  /** To be written with the next one, or to live with this node. */
  #keep(changes: readonly Change[]): void {
    this.#pending = [...changes, ...this.#pending].slice(-MAX_BANS)
  }

  /** What is in the file now, and what will be. */
  #adopt(records: readonly BanRecord[]): void {
    this.#use(new BanList(applied(records, this.#pending)))
  }

  #use(list: BanList): void {
    const now = this.#now()
    const before = this.#list
    this.#list = list
    for (const record of list.inForce(now)) {
      const peer = before.get(record.peer, now) === undefined ? parsePeer(record.peer) : undefined
      if (peer !== undefined) {
        this.#init.banned(toBan(record, peer))
      }
    }
    for (const record of before.inForce(now)) {
      const peer = list.get(record.peer, now) === undefined ? parsePeer(record.peer) : undefined
      if (peer !== undefined) {
        this.#reputation.forgive(record.peer)
        this.#init.pardoned(peer)
      }
    }
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#work.then(work)
    this.#work = turn.catch(() => undefined)
    await turn
  }
}

function applied(records: readonly BanRecord[], changes: readonly Change[]): BanRecord[] {
  const list = new BanList(records)
  for (const change of changes) {
    change(list)
  }
  return list.records
}

function toBan({ reason, since, until, count }: BanRecord, peer: PeerId): Ban {
  return { peer, reason, since, count, ...(until !== Infinity && { until }) }
}

/** `undefined` for a text that another version may understand. */
function parsePeer(text: string): PeerId | undefined {
  try {
    return peerIdFromString(text)
  } catch {
    return undefined
  }
}
