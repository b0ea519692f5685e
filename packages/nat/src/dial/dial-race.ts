import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import { isRelayed } from '../paths/choose-path.ts'
import { ADDRESS_DIAL_MS, MAX_PARALLEL_ADDRESSES, RACE_GRACE_MS } from './constants.ts'
import { LostRaceError, NotInRaceError } from './errors.ts'
import { planDials } from './plan-dials.ts'
import type { PlannedDial } from './plan-dials.ts'

/** Dials one address. */
export type DialAddress = (address: Multiaddr, signal: AbortSignal) => Promise<Connection>

/**
 * All addresses of one dial. libp2p asks for one after the other and takes the first that answers; whichever it asks
 * for, it is given the first of all that answers, while further ones start as planned, or as soon as one failed.
 */
export class DialRace {
  readonly #waiting: PlannedDial[]
  readonly #dial: DialAddress
  readonly #startedAt: number
  readonly #now: () => number
  readonly #last: ReadonlySet<string>
  readonly #known: Set<string>
  readonly #errors = new Map<string, unknown>()
  readonly #calledOff = new AbortController()
  readonly #outcome = Promise.withResolvers<Connection | undefined>()
  #running = 0
  #asking = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #grace: ReturnType<typeof setTimeout> | undefined
  #over = false

  /** `last`: classes of transports that are put last, for addresses that are added. */
  constructor(
    plan: readonly PlannedDial[],
    dial: DialAddress,
    now: () => number,
    last: ReadonlySet<string> = new Set()
  ) {
    this.#waiting = [...plan]
    this.#last = last
    this.#known = new Set(plan.map(({ address }) => address.toString()))
    this.#dial = dial
    this.#now = now
    this.#startedAt = now()
    setMaxListeners(Infinity, this.#calledOff.signal)
    this.#next()
  }

  /** Whether nothing more can come of it. */
  get over(): boolean {
    return this.#over
  }

  /** Resolves when nothing more can come of it. */
  get ended(): Promise<unknown> {
    return this.#outcome.promise
  }

  /** Further addresses, which somebody else knows: from now on, one after the other. */
  add(addresses: readonly Multiaddr[]): void {
    const fresh = addresses.filter((address) => !this.#known.has(address.toString()))
    const elapsedMs = this.#now() - this.#startedAt
    for (const { address, atMs } of planDials(fresh, this.#last)) {
      this.#known.add(address.toString())
      this.#waiting.push({ address, atMs: elapsedMs + atMs })
    }
    this.#waiting.sort((one, other) => one.atMs - other.atMs)
    this.#next()
  }

  /** There is a connection from elsewhere: nothing more is dialled. */
  take(connection: Connection): void {
    this.#end(connection)
  }

  /** The first connection of all addresses, or why this one failed when all of them did. */
  async ask(address: Multiaddr, signal: AbortSignal): Promise<Connection> {
    this.#asking += 1
    clearTimeout(this.#grace)
    try {
      const connection = await this.#first(signal)
      if (connection === undefined) {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- it is what the dial threw
        throw this.#errors.get(address.toString()) ?? new NotInRaceError()
      }
      return connection
    } finally {
      this.#asking -= 1
      if (this.#asking === 0 && !this.#over) {
        // the next address is asked for in a moment; if not, whoever wanted it gave up
        this.#grace = setTimeout(() => this.#end(undefined), RACE_GRACE_MS)
        this.#grace.unref()
      }
    }
  }

  async #first(signal: AbortSignal): Promise<Connection | undefined> {
    signal.throwIfAborted()
    const aborted = Promise.withResolvers<undefined>()
    const stop = (): void => aborted.reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await Promise.race([this.#outcome.promise, aborted.promise])
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  #next(): void {
    clearTimeout(this.#timer)
    const [first] = this.#waiting
    if (this.#over || first === undefined || this.#running >= MAX_PARALLEL_ADDRESSES) {
      return
    }
    const waitMs = this.#running === 0 ? 0 : this.#startedAt + first.atMs - this.#now()
    if (waitMs > 0) {
      this.#timer = setTimeout(() => this.#next(), waitMs)
      this.#timer.unref()
      return
    }
    this.#waiting.shift()
    void this.#run(first.address)
    this.#next()
  }

  async #run(address: Multiaddr): Promise<void> {
    this.#running += 1
    const signal = anySignal([this.#calledOff.signal, AbortSignal.timeout(ADDRESS_DIAL_MS)])
    setMaxListeners(Infinity, signal)
    try {
      const connection = await this.#dial(address, signal)
      // what is called off now are the others: transports may end a connection by the signal of its dial
      signal.clear()
      this.#end(connection)
    } catch (error) {
      this.#errors.set(address.toString(), error)
    } finally {
      signal.clear()
      this.#running -= 1
    }
    if (this.#running === 0 && this.#waiting.length === 0) {
      this.#end(undefined)
    }
    // one that failed gives its place to the next at once
    this.#hurry()
    this.#next()
  }

  #hurry(): void {
    const [first, ...rest] = this.#waiting
    if (first !== undefined) {
      const byMs = Math.max(0, first.atMs - (this.#now() - this.#startedAt))
      const sooner = [first, ...rest].map(({ address, atMs }) => ({ address, atMs: atMs - byMs }))
      this.#waiting.splice(0, this.#waiting.length, ...sooner)
    }
  }

  #end(connection: Connection | undefined): void {
    if (this.#over) {
      return // two answered at the same moment: the second is one more connection of the peer
    }
    this.#over = true
    clearTimeout(this.#timer)
    clearTimeout(this.#grace)
    if (connection === undefined || !isRelayed(connection)) {
      this.#calledOff.abort(new LostRaceError())
    } // beside a relay the direct dials under way may go on: one that answers late is the better path
    this.#outcome.resolve(connection)
  }
}
