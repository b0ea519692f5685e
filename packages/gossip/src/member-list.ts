import type { PeerId } from '@libp2p/interface'
import { nextMember } from './member.ts'
import type { MemberEvent, MemberRecord, MemberTiming } from './member.ts'

/** A member and what is known about it. */
export interface MemberEntry {
  readonly id: PeerId
  readonly record: MemberRecord
}

/** What others are told when a member's state changed. */
export type MemberChange = 'join' | 'leave' | 'dead'

/** What bounds the list and who hears of its changes. */
export interface MemberListInit {
  readonly timing: MemberTiming
  readonly maxMembers: number
  /** Called after the list changed. It must not throw. */
  readonly onChange: (change: MemberChange, entry: MemberEntry) => void
}

const CHANGES = { alive: 'join', left: 'leave', dead: 'dead' } as const

/** The member table: the only writer of member records, and what bounds them. Time comes in with every call. */
export class MemberList {
  readonly #init: MemberListInit
  readonly #entries = new Map<string, MemberEntry>()

  constructor(init: MemberListInit) {
    this.#init = init
  }

  /** Apply an event. False when the member is new and there is no room for it. */
  apply(id: PeerId, event: MemberEvent, now: number): boolean {
    const key = id.toString()
    const before = this.#entries.get(key)
    const record = nextMember(before?.record, event, now, this.#init.timing)
    if (record === undefined || record === before?.record) {
      return true
    }
    if (before === undefined && !this.#makeRoom(record)) {
      return false
    }
    const entry = { id, record }
    this.#entries.set(key, entry)
    if (record.state !== before?.record.state) {
      this.#init.onChange(CHANGES[record.state], entry)
    }
    return true
  }

  /** Let time pass for everybody. */
  tick(now: number): void {
    for (const { id } of this.#entries.values()) {
      this.apply(id, { type: 'tick' }, now)
    }
  }

  /** When `tick` has something to do next; `undefined` while nobody is missing. */
  nextDeadline(): number | undefined {
    let next: number | undefined
    for (const { record } of this.#entries.values()) {
      if (record.deadline !== undefined && (next === undefined || record.deadline < next)) {
        next = record.deadline
      }
    }
    return next
  }

  get(id: PeerId): MemberEntry | undefined {
    return this.#entries.get(id.toString())
  }

  all(): MemberEntry[] {
    return [...this.#entries.values()]
  }

  clear(): void {
    this.#entries.clear()
  }

  /** Who is gone makes room first, the longest gone before others; then, for a connected peer only, who is only heard of. */
  #makeRoom(newcomer: MemberRecord): boolean {
    if (this.#entries.size < this.#init.maxMembers) {
      return true
    }
    const oldest = this.#oldest(({ record }) => record.state !== 'alive')
    const victim = oldest ?? (newcomer.connected ? this.#oldest(({ record }) => !record.connected) : undefined)
    return victim !== undefined && this.#entries.delete(victim.id.toString())
  }

  #oldest(of: (entry: MemberEntry) => boolean): MemberEntry | undefined {
    let oldest: MemberEntry | undefined
    for (const entry of this.#entries.values()) {
      if (of(entry) && (oldest === undefined || entry.record.since < oldest.record.since)) {
        oldest = entry
      }
    }
    return oldest
  }
}
