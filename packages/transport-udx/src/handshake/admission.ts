import type { DatagramAddress } from '@p2pshare/interface'
import {
  INIT_BURST,
  INIT_BURST_PER_IP,
  INIT_RATE_PER_IP_PER_SECOND,
  INIT_RATE_PER_SECOND,
  MAX_UNPROVEN_PER_IP
} from '../constants.ts'
import type { Init } from '../wire/handshake.ts'
import { Accepted } from './accepted.ts'
import { Cookies } from './cookie.ts'
import { InboundLimits } from './limits.ts'
import type { InboundBounds, Place } from './limits.ts'
import { originOf } from './origin.ts'
import { OriginBuckets, TokenBucket } from './token-bucket.ts'

export interface AdmissionInit extends InboundBounds {
  /** With this many half-open connections, who comes next has to prove its address first. */
  readonly cookieAbove: number
  /** 32 random bytes. */
  readonly secret: Uint8Array
}

/** What to do about one INIT. */
export type Verdict =
  /** Make a connection, keep it in `place`, say so to `accepted()`. */
  | { readonly type: 'accept'; readonly place: Place; accepted(id: number): void }
  /** It came before. */
  | { readonly type: 'again'; readonly id: number }
  | { readonly type: 'retry'; readonly cookie: Uint8Array }
  | { readonly type: 'reject'; readonly bound: keyof InboundBounds }
  | { readonly type: 'ignore' }

/**
 * Who is let in, over all listeners of one transport. Who has no cookie shares a rate with everybody, because its address
 * may be made up; who has one is limited for itself. Pure: the time is passed in.
 */
export class Admission {
  readonly limits: InboundLimits
  readonly #cookieAbove: number
  readonly #cookies: Cookies
  readonly #accepted = new Accepted()
  readonly #unproven = new TokenBucket(INIT_RATE_PER_SECOND, INIT_BURST)
  readonly #unprovenOf = new OriginBuckets(INIT_RATE_PER_IP_PER_SECOND, INIT_BURST_PER_IP)
  readonly #provenOf = new OriginBuckets(INIT_RATE_PER_IP_PER_SECOND, INIT_BURST_PER_IP)

  constructor(init: AdmissionInit) {
    this.limits = new InboundLimits(init)
    this.#cookieAbove = init.cookieAbove
    this.#cookies = new Cookies(init.secret)
  }

  judge(init: Init, from: DatagramAddress, now: number): Verdict {
    const origin = originOf(from.host)
    const isProven = this.#cookies.isValid(init, from, now)
    const isInRate = isProven
      ? this.#provenOf.take(origin, now)
      : this.#unprovenOf.take(origin, now) && this.#unproven.take(now)
    if (!isInRate) {
      return { type: 'ignore' }
    }
    const key = `${from.host}|${from.port}|${init.id}|${Buffer.from(init.nonce).toString('latin1')}`
    const id = this.#accepted.find(key, now)
    if (id !== undefined) {
      return { type: 'again', id }
    }
    // somebody who makes up addresses must not use up the places of the one it pretends to be
    const isCrowded = this.limits.halfOpen >= this.#cookieAbove || this.limits.halfOpenOf(origin) >= MAX_UNPROVEN_PER_IP
    if (!isProven && isCrowded) {
      return { type: 'retry', cookie: this.#cookies.make(init, from, now) }
    }
    const place = this.limits.enter(origin)
    if (typeof place === 'string') {
      return { type: 'reject', bound: place }
    }
    return {
      type: 'accept',
      place,
      accepted: (given) => {
        this.#accepted.add(key, given, now)
      }
    }
  }
}
