import { anySignal } from 'any-signal'
import type { Rpc } from './rpc/client.ts'
import type { DhtContact } from './rpc/contacts.ts'
import { REPLICATION, SAMPLE_AGE_MS } from './rules/network-size.ts'
import type { KnownSize, SizeSample } from './rules/network-size.ts'
import { distanceOf } from './rules/position.ts'
import { MessageType } from './wire/messages.ts'

/** Contacts that are asked about their neighbourhoods. */
const ASKED = 5

/**
 * Of their answers the densest neighbourhood is left out, for somebody may lie, and the next two count: who is new knows
 * too few of its neighbours, and nobody honest knows too many.
 */
const KEPT = 2

/** Others answer in this time: a lookup may be waiting. */
const ANSWER_TIMEOUT_MS = 1_500

/** What a `SizePoll` works with. */
export interface SizePollInit {
  readonly rpc: Pick<Rpc, 'ask' | 'isConnected'>
  readonly tableSize: () => number
  /** Of the table, in the order of the key space. */
  readonly contacts: () => readonly DhtContact[]
  /** @default Date.now */
  readonly now?: () => number
}

/**
 * About how many servers there are, as long as no lookups have measured it: a node knows its own neighbourhood best, so five
 * of the table are asked about theirs. The own one alone is a third off, and looks thinner than it is at first.
 */
export class SizePoll {
  readonly #init: SizePollInit
  readonly #now: () => number
  #running: Promise<void> | undefined
  /** Contacts when it was last asked, and when that was. */
  #asked: { readonly contacts: number; readonly at: number } | undefined
  #size: (Required<KnownSize> & { readonly at: number }) | undefined

  constructor(init: SizePollInit) {
    this.#init = init
    this.#now = init.now ?? Date.now
  }

  size(): Required<KnownSize> | undefined {
    return this.#size !== undefined && this.#now() - this.#size.at <= SAMPLE_AGE_MS ? this.#size : undefined
  }

  /** Ask when the table has doubled since, or the answers are half as old as they may become. Never rejects. */
  async refresh(signal: AbortSignal): Promise<void> {
    const tableSize = this.#init.tableSize()
    const isNews = tableSize >= 2 * (this.#asked?.contacts ?? REPLICATION / 2)
    const isOld = this.#asked !== undefined && this.#now() - this.#asked.at > SAMPLE_AGE_MS / 2
    if (isNews || isOld) {
      await this.ask(signal)
    }
  }

  /** Ask now, or wait for those who are asked already. Never rejects. */
  async ask(signal: AbortSignal): Promise<void> {
    this.#running ??= this.#ask(signal).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { tableSize, contacts } = this.#init
    this.#asked = { contacts: tableSize(), at: this.#now() }
    const samples = await Promise.all(this.#some(contacts()).map(async (contact) => this.#sample(contact, signal)))
    this.#size = pooled(samples.flat()) ?? this.#size
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
    const others = outcome.ok ? outcome.value.closer.filter((each) => each.key !== contact.key) : []
    const distance = Math.max(0, ...others.map(({ position }) => distanceOf(position, contact.position)))
    return distance > 0 ? [{ count: others.length, distance, at: this.#now() }] : []
  }
}

/** With fewer answers than can be compared nothing is said. */
function pooled(samples: readonly SizeSample[]): (Required<KnownSize> & { at: number }) | undefined {
  const byDensity = [...samples].sort((a, b) => b.count / b.distance - a.count / a.distance)
  const kept = byDensity.slice(1, 1 + KEPT)
  const ranks = kept.reduce((sum, { count }) => sum + count, 0)
  const distances = kept.reduce((sum, { distance }) => sum + distance, 0)
  const at = Math.max(...kept.map((sample) => sample.at))
  return kept.length < KEPT || ranks < REPLICATION ? undefined : { nodes: (ranks - 1) / distances, ranks, at }
}
