import { InvalidOptionError } from '@p2pshare/interface'
import { AMINO_PROTOCOL, LAN_PROTOCOL, PROTOCOL } from './constants.ts'
import { MAX_PROVIDE_INTERVAL_MS } from './rules/next-provide.ts'

/** What the user of `dht()` may choose. */
export interface DhtInit {
  /**
   * Protocol id, and with it the network: nodes with different ids do not see each other.
   *
   * @default '/p2pshare/kad/1.0.0'
   */
  protocol?: string

  /**
   * Ask others but answer nobody and store nothing. For nodes that come and go or cannot be dialled; a network needs
   * some nodes that do answer.
   *
   * @default false
   */
  clientMode?: boolean

  /**
   * Be in the network of the local network as well (`/p2pshare/lan/kad/1.0.0`), whose nodes see each other's private
   * addresses only. Content is announced and searched there too, which works without the internet.
   *
   * @default false
   */
  lan?: boolean

  /**
   * Announce and search in the public network of IPFS as well (`/ipfs/kad/1.0.0`), as a client: it answers nobody there.
   * Everybody there can see what is announced. It needs peers of that network to begin with, for example as bootstrap.
   *
   * @default false
   */
  amino?: boolean

  /**
   * Go on announcing what an earlier run announced, from the datastore, until `cancelProvide()`. Off, a root is announced
   * when `provide()` is called for it in this run; for who announces all there is at each start anyway.
   *
   * @default true
   */
  resume?: boolean

  /**
   * The longest time between two announcements of the same root, in milliseconds. Holders keep a record for 48 hours, but
   * they come and go: the pause follows the half-life that was seen, from one hour up to this.
   *
   * @default 43_200_000
   */
  maxAnnounceIntervalMs?: number

  /**
   * How long `provide()` keeps trying before it rejects with `DeadlineError`, in milliseconds. The root stays wanted
   * and is tried again in the background.
   *
   * @default 30_000
   */
  provideTimeoutMs?: number

  /**
   * How long `findProviders()` searches at most, in milliseconds. What was found until then stands; the iteration
   * then ends without an error.
   *
   * @default 30_000
   */
  findTimeoutMs?: number

  /**
   * How long `findProviders()` waits for a first peer while the routing table is empty, in milliseconds. `0` answers
   * from local records at once.
   *
   * @default 10_000
   */
  tableWaitMs?: number

  /**
   * Time one request of table maintenance gets before it counts as failed, in milliseconds, dialling included. Searches
   * and announcements have timeouts of their own (SPEC.md).
   *
   * @default 1_500
   */
  minRequestTimeoutMs?: number

  /**
   * Where the request timeout stops growing when peers turn out to be slow, in milliseconds.
   *
   * @default 5_000
   */
  maxRequestTimeoutMs?: number
}

/** The defaults of `DhtInit`. */
export const dhtDefaults: Readonly<Required<DhtInit>> = Object.freeze({
  protocol: PROTOCOL,
  clientMode: false,
  lan: false,
  amino: false,
  resume: true,
  maxAnnounceIntervalMs: MAX_PROVIDE_INTERVAL_MS,
  provideTimeoutMs: 30_000,
  findTimeoutMs: 30_000,
  tableWaitMs: 10_000,
  minRequestTimeoutMs: 1_500,
  maxRequestTimeoutMs: 5_000
})

/** Options with every default filled in. */
export type DhtOptions = Readonly<Required<DhtInit>>

/** The longest delay a timer takes; a larger one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

const LEAST_MS = {
  maxAnnounceIntervalMs: 1_000,
  provideTimeoutMs: 1,
  findTimeoutMs: 1,
  tableWaitMs: 0,
  minRequestTimeoutMs: 1,
  maxRequestTimeoutMs: 1
} as const

/** Throws `InvalidOptionError` for a value that cannot work. */
export function resolveDhtOptions(init: DhtInit): DhtOptions {
  const options = { ...dhtDefaults, ...init }
  for (const [name, least] of Object.entries(LEAST_MS) as Array<[keyof typeof LEAST_MS, number]>) {
    const value = options[name]
    if (!Number.isInteger(value) || value < least || value > MAX_TIMER_MS) {
      throw new InvalidOptionError(
        name,
        `${value} is not a whole number of milliseconds from ${least} to ${MAX_TIMER_MS}`
      )
    }
  }
  if (!/^\/\S+$/.test(options.protocol)) {
    throw new InvalidOptionError('protocol', 'a protocol id begins with / and has no blanks')
  }
  const { lan, amino, protocol } = options
  if ((lan && protocol === LAN_PROTOCOL) || (amino && protocol === AMINO_PROTOCOL)) {
    throw new InvalidOptionError('protocol', 'is that of a network this node is in beside its own')
  }
  if (options.maxRequestTimeoutMs < options.minRequestTimeoutMs) {
    throw new InvalidOptionError('maxRequestTimeoutMs', 'is below minRequestTimeoutMs')
  }
  return Object.freeze(options)
}
