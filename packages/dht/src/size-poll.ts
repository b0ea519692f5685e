import { anySignal } from 'any-signal'
import { SELF_QUERY_INTERVAL_MS } from './constants.ts'
import type { Rpc } from './rpc/client.ts'
import type { DhtContact } from './rpc/contacts.ts'
import { REPLICATION, SAMPLE_AGE_MS } from './rules/network-size.ts'
import type { KnownSize, SizeSample } from './rules/network-size.ts'
import { distanceOf } from './rules/position.ts'
import { MessageType } from './wire/messages.ts'

/** Contacts that are asked about their neighbourhoods: two of them may lie, and the one in the middle is honest still. */
const ASKED = 5

/** With fewer answers than this no liar would be outvoted. */
const MIN_ANSWERS = 3

/** A neighbourhood of fewer tells hardly anything. */
const MIN_RANKS = REPLICATION / 2

/**
 * The answers are believed as far as the own neighbourhood bears them out: its contacts were met, and those that somebody
 * names need not be there. Of 20 ranks a quarter of the truth never comes by chance, nor four times as much.
 */
const MAX_FACTOR = 4

/** Before kad-dht has looked for the own neighbourhood twice it may be much thinner than it will be, and bounds nothing. */
const SETTLE_MS = 2 * SELF_QUERY_INTERVAL_MS

/** Others answer in this time: a lookup may be waiting. */
const ANSWER_TIMEOUT_MS = 1_500

/** When hardly anybody answered they are asked again, but not with each lookup. */
const RETRY_MS = 60_000

/** What a `SizePoll` works with. */
export interface SizePollInit {
  readonly rpc: Pick<Rpc, 'ask' | 'isConnected'>
  readonly tableSize: () => number
  /** Of the table, in the order of the key space. */
  readonly contacts: () => readonly DhtContact[]
  /** How many servers there are by the own neighbourhood. */
  readonly guess: () => KnownSize | undefined
  /** @default Date.now */
  readonly now?: () => number
}

/** What the table had when it was asked about, and when that was. */
interface Asked {
  readonly contacts: number
  readonly at: number
}

/**
 * About how many servers there are, as long as no lookups have measured it: a node knows its own neighbourhood best, so five
 * of the table are asked about theirs. The own one alone is a third off, and looks thinner than it is at first.
 */
export class SizePoll {
  readonly #init: SizePollInit
  readonly #now: () => number
  #running: Promise<void> | undefined
  #firstAt: number | undefined
  #failedAt = -Infinity
  /** The last time that answers told something. */
  #asked: Asked | undefined
  #size: (Required<KnownSize> & { readonly at: number }) | undefined

  constructor(init: SizePollInit) {
    this.#init = init
    this.#now = init.now ?? Date.now
  }

  size(): Required<KnownSize> | undefined {
    const now = this.#now()
    if (this.#size === undefined || now - this.#size.at > SAMPLE_AGE_MS) {
      return undefined
    }
    const { nodes: own = this.#size.nodes } = this.#init.guess() ?? {}
    const isSettled = now - (this.#firstAt ?? now) >= SETTLE_MS
    const most = isSettled ? MAX_FACTOR * own : Infinity
    return { ...this.#size, nodes: Math.min(most, Math.max(own / MAX_FACTOR, this.#size.nodes)) }
  }

  /**
   * Ask when the table has doubled since, or the answers are half as old as they may become. `signal` ends the asking, for
   * all who wait for it. Never rejects.
   */
  async refresh(signal: AbortSignal): Promise<void> {
    const isNews = this.#init.tableSize() >= 2 * (this.#asked?.contacts ?? REPLICATION / 2)
    const isOld = this.#asked !== undefined && this.#now() - this.#asked.at > SAMPLE_AGE_MS / 2
    if ((isNews || isOld) && this.#now() - this.#failedAt >= RETRY_MS) {
      await this.ask(signal)
    }
  }

  /** Ask now, or wait for those who are asked already. `signal` as above. Never rejects. */
  async ask(signal: AbortSignal): Promise<void> {
    this.#running ??= this.#ask(signal).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { tableSize, contacts } = this.#init
    const asked: Asked = { contacts: tableSize(), at: this.#now() }
    this.#firstAt ??= asked.at
    const samples = await Promise.all(this.#some(contacts()).map(async (contact) => this.#sample(contact, signal)))
    const size = median(samples.flat())
    if (size !== undefined) {
      this.#asked = asked
      this.#size = size
    } else if (!signal.aborted) {
      this.#failedAt = asked.at
    }
  }

  /** Spread over the key space, so that their neighbourhoods do not overlap; connected ones if there are enough. */
  #some(table: readonly DhtContact[]): DhtContact[] {
    const connected = table.filter((contact) => this.#init.rpc.isConnected(contact))
    const from = connected.length < ASKED ? table : connected
    return Array.from({ length: ASKED }, (_, n) => from[Math.floor(((n + 0.5) * from.length) / ASKED)] ?? []).flat()
  }

  async #sample(contact: DhtContact, signal: AbortSignal): Promise<SizeSample[]> {
    const key = contact.id.toMultihash().bytes
    const deadline = new AbortController()
    const timer = setTimeout(() => {
      deadline.abort()
    }, ANSWER_TIMEOUT_MS)
    const soon = anySignal([signal, deadline.signal])
    const outcome = await this.#init.rpc.ask(contact, MessageType.FIND_NODE, key, { signal: soon })
    soon.clear()
    clearTimeout(timer)
    const named = new Map(outcome.ok ? outcome.value.closer.map((each) => [each.key, each]) : [])
    named.delete(contact.key)
    const distances = [...named.values()].map(({ position }) => distanceOf(position, contact.position))
    const nearest = distances.sort((a, b) => a - b).slice(0, REPLICATION)
    const distance = nearest.at(-1) ?? 0
    return distance > 0 ? [{ count: nearest.length, distance, at: this.#now() }] : []
  }
}

/**
 * By the density in the middle; of an even number the denser one, for who is new knows too few of its neighbours, and with a
 * size that is too small honest keys look crowded. It counts as one sample: that makes up for what is left of that.
 */
function median(samples: readonly SizeSample[]): (Required<KnownSize> & { at: number }) | undefined {
  const byDensity = [...samples].sort((a, b) => b.count / b.distance - a.count / a.distance)
  const middle = byDensity[Math.ceil(samples.length / 2) - 1]
  if (middle === undefined || samples.length < MIN_ANSWERS || middle.count < MIN_RANKS) {
    return undefined
  }
  const { count, distance, at } = middle
  return { nodes: (count - 1) / distance, ranks: count, at }
}
