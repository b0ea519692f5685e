import {
  MAX_ANSWERS_BURST_PER_IP,
  MAX_ANSWERS_PER_IP_PER_SECOND,
  MAX_ANSWERS_PER_SECOND,
  MAX_COUNTED_IPS
} from './constants.ts'

interface Bucket {
  level: number
  at: number
}

/** What a limiter lets through. */
export interface RateLimits {
  readonly burstPerIp: number
  readonly perIpPerSecond: number
  /** Of all together; as many may go at once. */
  readonly perSecond: number
  readonly maxIps: number
}

/** The bounds of a server. */
export const RATE_LIMITS: RateLimits = Object.freeze({
  burstPerIp: MAX_ANSWERS_BURST_PER_IP,
  perIpPerSecond: MAX_ANSWERS_PER_IP_PER_SECOND,
  perSecond: MAX_ANSWERS_PER_SECOND,
  maxIps: MAX_COUNTED_IPS
})

/**
 * A token bucket for each address and one for all. An IPv6 network of 64 bits counts as one address: who has one host of
 * it has them all. Pure: time comes in, in milliseconds, and does not go back.
 */
export class RateLimiter {
  readonly #limits: RateLimits
  readonly #all: Bucket
  /** The one used longest ago first. */
  readonly #perIp = new Map<string, Bucket>()

  constructor(now: number, limits: RateLimits = RATE_LIMITS) {
    this.#limits = limits
    this.#all = { level: limits.perSecond, at: now }
  }

  /** Addresses that are counted now. */
  get size(): number {
    return this.#perIp.size
  }

  /** Whether one more may go to `host`; if so, it is counted. */
  take(host: string, now: number): boolean {
    const { burstPerIp, perIpPerSecond, perSecond, maxIps } = this.#limits
    const key = networkOf(host)
    const own = this.#perIp.get(key) ?? { level: burstPerIp, at: now }
    this.#perIp.delete(key)
    this.#perIp.set(key, own)
    for (const [oldest] of this.#perIp) {
      if (this.#perIp.size <= maxIps) {
        break
      }
      this.#perIp.delete(oldest)
    }
    fill(own, perIpPerSecond, burstPerIp, now)
    fill(this.#all, perSecond, perSecond, now)
    if (own.level < 1 || this.#all.level < 1) {
      return false
    }
    own.level -= 1
    this.#all.level -= 1
    return true
  }
}

function fill(bucket: Bucket, perSecond: number, most: number, now: number): void {
  bucket.level = Math.min(most, bucket.level + ((now - bucket.at) / 1000) * perSecond)
  bucket.at = now
}

/** IPv4 as it is, the first half of IPv6; text in the form of RFC 5952 is enough to tell networks apart. */
function networkOf(host: string): string {
  if (!host.includes(':')) {
    return host
  }
  const [front = '', back] = host.split('::')
  const head = front === '' ? [] : front.split(':')
  const tail = back === undefined || back === '' ? [] : back.split(':')
  const zeros = back === undefined ? 0 : 8 - head.length - tail.length
  return [...head, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...tail].slice(0, 4).join(':')
}
