import { MAX_GROUP_HOLDERS } from './ip-group.ts'
import { REPLICATION } from './network-size.ts'
import type { Contact } from './position.ts'

/** `slow`: another is told in its place, but its confirmation still counts. */
type PutStatus = 'sent' | 'slow' | 'acked' | 'failed'

/** Peers a record is offered to before an announcement is as complete as it gets. */
export const MAX_PUTS = 32

/** Whom a record was sent to and who confirmed it. */
export class Puts {
  readonly #status = new Map<string, PutStatus>()
  readonly #groups = new Map<string, number>()

  /** Peers that were told, whatever became of it. */
  get tried(): number {
    return this.#status.size
  }

  get acks(): number {
    return this.#count('acked')
  }

  /** Not yet answered. */
  get pending(): number {
    return this.#count('sent')
  }

  /** All that can be settled is: enough have confirmed it, or nobody is left who still may. */
  get isSettled(): boolean {
    return this.pending === 0 && (this.acks >= REPLICATION || this.#count('slow') === 0)
  }

  /** Holders there are or may be soon. */
  get likely(): number {
    return this.acks + this.pending
  }

  isFull(): boolean {
    return this.likely >= REPLICATION || this.tried >= MAX_PUTS
  }

  isAcked(key: string): boolean {
    return this.#status.get(key) === 'acked'
  }

  /** Whether the record may go to it: once a peer, and to few who share an IP group. */
  take({ key, group }: Contact): boolean {
    if (this.#status.has(key)) {
      return false
    }
    const inGroup = group === undefined ? 0 : (this.#groups.get(group) ?? 0)
    if (inGroup >= MAX_GROUP_HOLDERS) {
      return false
    }
    this.#status.set(key, 'sent')
    if (group !== undefined) {
      this.#groups.set(group, inGroup + 1)
    }
    return true
  }

  /** It has not confirmed it yet; another may be told. */
  slow(key: string): void {
    if (this.#status.get(key) === 'sent') {
      this.#status.set(key, 'slow')
    }
  }

  /** A late confirmation counts over a failure. */
  settle(key: string, acked: boolean): void {
    const status = this.#status.get(key)
    if (status === 'sent' || status === 'slow' || (status === 'failed' && acked)) {
      this.#status.set(key, acked ? 'acked' : 'failed')
    }
  }

  #count(wanted: PutStatus): number {
    let count = 0
    for (const status of this.#status.values()) {
      count += Number(status === wanted)
    }
    return count
  }
}
