import { isGone, standingOf } from '@p2pshare/interface'
import type { MembershipView } from '@p2pshare/interface'
import type { DhtContact } from '../rpc/contacts.ts'
import { rankProviders } from '../rules/rank-providers.ts'
import type { ProviderFacts } from '../rules/rank-providers.ts'

/** Ids one search remembers, so that hostile answers cost no memory: forty answers of fifty. */
export const MAX_NAMED = 2_000

/** Providers one responder may name: what an honest server answers. */
export const MAX_NAMED_BY_ONE = 50

/** Providers one search yields. A swarm needs tens; hostile answers could name millions. */
export const MAX_PROVIDERS = 256

interface Named extends ProviderFacts {
  readonly contact: DhtContact
}

/** Providers that were named and not handed out yet, each once. Pure. */
export class ProviderPool {
  readonly #membership: Pick<MembershipView, 'member'> | undefined
  readonly #seen = new Set<string>()
  readonly #byResponder = new Map<string, number>()
  #news: Named[] = []
  #ranked: Named[] = []
  readonly #dead: Named[] = []
  #alarm = false
  #given = 0

  constructor(membership: Pick<MembershipView, 'member'> | undefined) {
    this.#membership = membership
  }

  get isFull(): boolean {
    return this.#given >= MAX_PROVIDERS
  }

  /** True when it is new. `distance`: of the responder from the key, 0 for this node's own records. */
  add(contact: DhtContact, responder: string, distance: number): boolean {
    const count = this.#byResponder.get(responder) ?? 0
    if (this.#seen.has(contact.key) || this.#seen.size >= MAX_NAMED || count >= MAX_NAMED_BY_ONE) {
      return false
    }
    this.#seen.add(contact.key)
    this.#byResponder.set(responder, count + 1)
    const standing = standingOf(contact.id, this.#membership)
    const liveness = isGone(standing) ? 'dead' : ((standing.state as 'alive' | 'suspect' | undefined) ?? 'unknown')
    const list = liveness === 'dead' ? this.#dead : this.#news
    list.push({
      key: contact.key,
      contact,
      liveness,
      ...(standing.rttMs === undefined ? {} : { rttMs: standing.rttMs }),
      responder,
      responderDistance: distance
    })
    return true
  }

  /** The best that waits. Those held dead stay until `isOver`, and come only when nobody else was there. */
  take(alarm: boolean, isOver: boolean): DhtContact | undefined {
    if (this.isFull) {
      return undefined
    }
    const best = this.#living(alarm).shift() ?? (isOver && this.#given === 0 ? this.#dead.shift() : undefined)
    if (best === undefined) {
      return undefined
    }
    this.#given += best.liveness === 'dead' ? 0 : 1
    return best.contact
  }

  /** Ranked when somebody came or the alarm did, and not each time one is taken. */
  #living(alarm: boolean): Named[] {
    if (this.#news.length > 0 || alarm !== this.#alarm) {
      this.#ranked = rankProviders([...this.#ranked, ...this.#news], alarm)
      this.#news = []
      this.#alarm = alarm
    }
    return this.#ranked
  }
}
