import { setMaxListeners } from 'main-event'
import { CID } from 'multiformats/cid'
import { positionOfKey } from '../rpc/contacts.ts'
import type { DhtContact } from '../rpc/contacts.ts'
import type { Position } from '../rules/position.ts'
import { keyOf } from '../server/provider-server.ts'
import { RECORD_VALIDITY_MS } from '../server/record.ts'
import type { Announcement, AnnouncementState, NetworkName } from '../types.ts'
import { StoredAnnouncement } from '../wire/stored.ts'
import { nextAnnounce, wanted } from './announce-schedule.ts'
import type { AnnounceEvent, AnnounceState, AnnounceTiming } from './announce-schedule.ts'

/** Holders of one root that are remembered: more than a walk tells, fewer than a region has. */
export const MAX_STORED_HOLDERS = 32

/** Addresses of this node that are remembered with an announcement. */
export const MAX_STORED_ADDRESSES = 16

/** One root that this node announces in one network: what is wanted, what was achieved, and when it is due. */
export class AnnouncedRoot {
  readonly root: CID
  /** As it goes over the wire; roots that differ in version or codec are the same key. */
  readonly key: Uint8Array
  /** The same as text. */
  readonly name: string
  readonly position: Position
  readonly since: number
  /** Aborts when it is no longer wanted. */
  readonly cancelled = new AbortController()
  state: AnnounceState
  /** Who confirmed the record, by peer id. */
  holders: readonly string[] = []
  complete = false
  crowded = false
  /** Those of this node that holders were told. */
  addresses: readonly string[] = []
  /** Grows with every announcement that others find. */
  successes = 0
  /** Calls of `provide()` that wait for it. */
  waiting = 0
  isRunning = false
  /** Settles when others find it, or the attempt that runs now, or next, is over. */
  attempt = Promise.withResolvers<undefined>()

  constructor(root: CID, now: number) {
    this.root = root
    this.key = root.multihash.bytes
    this.name = nameOf(root)
    this.position = positionOfKey(this.key)
    this.since = now
    this.state = wanted(now)
    setMaxListeners(Infinity, this.cancelled.signal)
  }

  /** In `[0, 1)`: roots announced together do not stay together. */
  get spread(): number {
    return this.position.low / 2 ** 32
  }

  get dueAt(): number {
    return this.state.dueAt
  }

  apply(event: AnnounceEvent, now: number, timing: AnnounceTiming): void {
    this.state = nextAnnounce(this.state, event, now, timing, this.spread)
  }

  told(holders: readonly DhtContact[], addresses: readonly string[]): void {
    this.holders = holders.map(({ key }) => key).slice(0, MAX_STORED_HOLDERS)
    this.addresses = addresses.slice(0, MAX_STORED_ADDRESSES)
  }

  /** Whether holders were told other addresses than these. */
  hasMoved(addresses: readonly string[]): boolean {
    const current = addresses.slice(0, MAX_STORED_ADDRESSES)
    return this.state.announcedAt !== undefined && current.join() !== this.addresses.join()
  }

  stateAt(now: number): AnnouncementState {
    const { announcedAt, failures } = this.state
    const isServed = announcedAt !== undefined && now - announcedAt < RECORD_VALIDITY_MS
    return isServed ? 'announced' : failures > 0 ? 'failed' : 'due'
  }

  toAnnouncement(network: NetworkName, now: number): Announcement {
    const { announcedAt, failures, dueAt } = this.state
    return {
      root: this.root,
      network,
      state: this.stateAt(now),
      holders: this.holders.length,
      complete: this.complete,
      crowded: this.crowded,
      since: this.since,
      ...(announcedAt === undefined ? {} : { announcedAt, until: announcedAt + RECORD_VALIDITY_MS }),
      ...(dueAt === Infinity ? {} : { nextAt: dueAt }),
      failures
    }
  }

  toBytes(): Uint8Array {
    const { announcedAt, dueAt } = this.state
    return StoredAnnouncement.encode({
      root: Uint8Array.from(this.root.bytes),
      since: this.since,
      ...(announcedAt === undefined ? {} : { announcedAt }),
      ...(dueAt === Infinity ? {} : { dueAt: Math.round(dueAt) }),
      holders: [...this.holders],
      complete: this.complete,
      crowded: this.crowded,
      addresses: [...this.addresses]
    })
  }

  /** Throws for what cannot be read. */
  static fromBytes(bytes: Uint8Array, now: number): AnnouncedRoot {
    const stored = StoredAnnouncement.decode(bytes, {
      limits: { holders: MAX_STORED_HOLDERS, addresses: MAX_STORED_ADDRESSES }
    })
    const { announcedAt, dueAt, holders, complete, crowded, addresses } = stored
    const read = new AnnouncedRoot(CID.decode(stored.root), stored.since)
    // a clock that was set back must not hold an announcement off for ever
    read.state = {
      announcedAt: announcedAt === undefined ? undefined : Math.min(announcedAt, now),
      failures: 0,
      dueAt: dueAt ?? now
    }
    return Object.assign(read, { holders, complete, crowded, addresses })
  }
}

/** The DHT knows multihashes only. */
export function nameOf(root: CID): string {
  return keyOf(root.multihash.bytes)
}
