import type { PeerStore } from '@libp2p/interface'
import type { Provider } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import { unwatched } from '../lookup/trace.ts'
import type { Emit } from '../lookup/trace.ts'
import type { Network } from '../network.ts'
import { peerJoined } from '../peer-joined.ts'
import { MAX_CONTACT_ADDRESSES, positionOfKey, withPeer } from '../rpc/contacts.ts'
import type { DhtContact } from '../rpc/contacts.ts'
import { distanceOf } from '../rules/position.ts'
import type { DhtCollaborators } from '../types.ts'
import { MessageType } from '../wire/messages.ts'
import { abortable } from '../wait.ts'
import { ProviderPool } from './provider-pool.ts'

/** Holders asked first when membership names them: one of three answers in nearly all cases. */
const VIEW_ASKS = 3

/** What a search asks. */
export interface SearchInit {
  readonly network: Network
  readonly peerStore: Pick<PeerStore, 'get'>
  readonly membership: DhtCollaborators['membership']
  /** How long to wait for a first peer while the table is empty, in milliseconds. */
  readonly tableWaitMs: number
  readonly emit?: Emit
}

/**
 * One search: providers as they are found, each once, never this node, at most `MAX_PROVIDERS`, the best of those that
 * wait first. It never ends because somebody said that there are enough: only when the nearest have answered.
 */
export async function* search(
  init: SearchInit,
  key: Uint8Array,
  signal: AbortSignal
): AsyncGenerator<Provider, void, undefined> {
  const left = new AbortController()
  const all = anySignal([signal, left.signal])
  setMaxListeners(Infinity, all)
  try {
    yield* new Search(init, key, all).results()
  } finally {
    left.abort()
    all.clear()
  }
}

class Search {
  readonly #init: SearchInit
  readonly #key: Uint8Array
  readonly #signal: AbortSignal
  readonly #pool: ProviderPool
  readonly #emit: Emit
  #news = Promise.withResolvers<undefined>()
  #alarm = false

  constructor(init: SearchInit, key: Uint8Array, signal: AbortSignal) {
    this.#init = init
    this.#key = key
    this.#signal = signal
    this.#pool = new ProviderPool(init.membership)
    const emit = init.emit ?? unwatched
    this.#emit = (step) => {
      this.#alarm ||= step.name === 'alarm'
      emit(step)
    }
  }

  async *results(): AsyncGenerator<Provider, void, undefined> {
    const { network, tableWaitMs } = this.#init
    for (const contact of await network.local(this.#key)) {
      this.#pool.add(contact, 'self', 0)
    }
    yield* this.#taken(false)
    if (!(await peerJoined(network.kad, tableWaitMs, { signal: this.#signal }))) {
      yield* this.#taken(true)
      return
    }
    // with somebody who holds the record by name, three questions are enough in nearly all cases
    yield* this.#during(this.#askView())
    yield* this.#during(this.#walk())
    yield* this.#taken(true)
  }

  /** What comes while `work` runs, as soon as it comes. */
  async *#during(work: Promise<unknown>): AsyncGenerator<Provider, void, undefined> {
    const progress = { isOver: false }
    const ended = work.finally(() => {
      progress.isOver = true
      this.#news.resolve(undefined)
    })
    while (!progress.isOver) {
      await abortable(this.#news.promise, { signal: this.#signal })
      this.#news = Promise.withResolvers()
      yield* this.#taken(false)
      if (this.#pool.isFull) {
        return
      }
    }
    await ended
    this.#signal.throwIfAborted()
  }

  async *#taken(isOver: boolean): AsyncGenerator<Provider, void, undefined> {
    for (;;) {
      const contact = this.#pool.take(this.#alarm, isOver)
      if (contact === undefined) {
        return
      }
      yield await this.#toProvider(contact)
    }
  }

  async #walk(): Promise<void> {
    if (this.#pool.isFull) {
      return
    }
    await this.#init.network.lookup({
      kind: 'find',
      type: MessageType.GET_PROVIDERS,
      key: this.#key,
      signal: this.#signal,
      shutdown: this.#signal,
      emit: this.#emit,
      onProviders: (providers, from) => {
        this.#named(providers, from)
      }
    })
  }

  /** Never rejects. */
  async #askView(): Promise<void> {
    const { network, membership } = this.#init
    const rtt = ({ id }: DhtContact): number => membership?.member(id)?.rttMs ?? Infinity
    const nearest = [...(network.view(positionOfKey(this.#key))?.holders ?? [])].sort((a, b) => rtt(a) - rtt(b))
    await Promise.all(
      nearest.slice(0, VIEW_ASKS).map(async (contact) => {
        network.meter.count('messages')
        const options = { signal: this.#signal }
        const soft = Promise.withResolvers<undefined>()
        const timer = setTimeout(
          () => {
            soft.resolve(undefined)
          },
          network.rpc.softTimeoutMs(network.rpc.isConnected(contact))
        )
        const asked = network.rpc.ask(contact, MessageType.GET_PROVIDERS, this.#key, options).then((outcome) => {
          if (outcome.ok) {
            this.#named(outcome.value.providers, contact)
          }
        })
        await Promise.race([asked, soft.promise])
        clearTimeout(timer)
      })
    )
  }

  #named(providers: readonly DhtContact[], from: DhtContact): void {
    const distance = distanceOf(from.position, positionOfKey(this.#key))
    for (const contact of providers) {
      if (this.#pool.add(contact, from.key, distance)) {
        this.#emit({ name: 'provider', id: contact.id, from: from.id })
      }
    }
    this.#news.resolve(undefined)
  }

  async #toProvider({ id, addresses }: DhtContact): Promise<Provider> {
    if (addresses.length > 0) {
      return { id, multiaddrs: addresses }
    }
    try {
      const peer = await this.#init.peerStore.get(id, { signal: this.#signal })
      const known = peer.addresses.map(({ multiaddr }) => multiaddr).slice(0, MAX_CONTACT_ADDRESSES)
      return { id, multiaddrs: known.flatMap((address) => withPeer(address, id)) }
    } catch {
      // an unknown peer: the id alone is still worth a try over peer routing
      return { id, multiaddrs: [] }
    }
  }
}
