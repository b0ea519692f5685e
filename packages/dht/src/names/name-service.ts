import type { AbortOptions, Logger, PeerId, PrivateKey } from '@libp2p/interface'
import { InvalidOptionError, NotStartedError } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import type { Datastore } from 'interface-datastore'
import { setMaxListeners } from 'main-event'
import { CID } from 'multiformats/cid'
import {
  NAME_CHECK_MS,
  NAME_ENOUGH_ACKS,
  NAME_LIFETIME_MS,
  NAME_REPUBLISH_MS,
  NAME_TIMEOUT_MS,
  NAME_TTL_MS
} from './constants.ts'
import { InvalidNameRecordError, NameNotFoundError, NameNotPublishedError } from './errors.ts'
import { KnownNames } from './known-names.ts'
import type { Known } from './known-names.ts'
import { nameOfKey, nameToText, parseName } from './name.ts'
import { getName, putName } from './name-client.ts'
import type { NameNetwork } from './name-client.ts'
import { signNameRecord } from './name-record.ts'
import type { NameRecord } from './name-record.ts'
import type { Names, PublishOptions, ResolveOptions, ResolvedName } from './types.ts'

/** What a `NameService` works with. */
export interface NameServiceInit<Peer> {
  readonly network: NameNetwork<Peer>
  readonly datastore: Datastore
  /** Of all it keeps there. */
  readonly prefix: string
  readonly log: Logger
  /** @default Date.now */
  readonly now?: () => number
}

/** Publishes and resolves names, and tells of its own again while it runs. */
export class NameService<Peer = unknown> implements Names {
  readonly #init: NameServiceInit<Peer>
  readonly #now: () => number
  readonly #known: KnownNames
  /** Keys of names published in this run, by the text of the name: to renew their records. */
  readonly #keys = new Map<string, PrivateKey>()
  readonly #toldAt = new Map<string, number>()
  #shutdown: AbortController | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(init: NameServiceInit<Peer>) {
    this.#init = init
    this.#now = init.now ?? Date.now
    this.#known = new KnownNames(init.datastore, init.prefix)
  }

  async start(): Promise<void> {
    await this.#known.load()
    this.#shutdown = new AbortController()
    setMaxListeners(Infinity, this.#shutdown.signal)
    this.#timer = setInterval(() => void this.republish(), NAME_CHECK_MS)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#shutdown?.abort(new NotStartedError('the dht service was stopped'))
    this.#shutdown = undefined
  }

  async publish(key: PrivateKey, root: CID, options: PublishOptions = {}): Promise<ResolvedName> {
    const { lifetimeMs = NAME_LIFETIME_MS, ttlMs = NAME_TTL_MS } = options
    if (!(lifetimeMs > 0 && lifetimeMs <= NAME_LIFETIME_MS)) {
      throw new InvalidOptionError('lifetimeMs', `must be above 0 and at most ${NAME_LIFETIME_MS}`)
    }
    const name = nameOfKey(key)
    return this.#within(options, async (signal) => {
      // the key may have been used elsewhere
      const before = this.#known.get(name) ?? (await this.#ask(name, signal).catch(() => undefined))
      signal.throwIfAborted()
      const value = `/ipfs/${root.toString()}`
      const last = before?.record
      const sequence = last === undefined ? 0n : last.value === value ? last.sequence : last.sequence + 1n
      const validUntil = Math.max(this.#now() + lifetimeMs, last?.sequence === sequence ? last.validUntil : 0)
      const record = await signNameRecord(key, { value, sequence, validUntil, ttlMs })
      this.#keys.set(nameToText(name), key)
      // before anybody else hears of it: this sequence is taken
      const known = await this.#known.learn({ name, record, own: true, seenAt: this.#now() })
      await this.#tell(known, { signal })
      return toResolved(known)
    })
  }

  async resolve(name: string | PeerId, options: ResolveOptions = {}): Promise<ResolvedName> {
    const id = typeof name === 'string' ? parseName(name) : name
    const known = this.#known.get(id)
    const isFresh = known?.seenAt !== undefined && this.#now() - known.seenAt < known.record.ttlMs
    if (known !== undefined && options.fresh !== true && isFresh && this.#isValid(known.record)) {
      return toResolved(known)
    }
    return this.#within(options, async (signal) => {
      const latest = (await this.#ask(id, signal)) ?? known
      if (latest === undefined || !this.#isValid(latest.record)) {
        throw new NameNotFoundError(nameToText(id))
      }
      return toResolved(latest)
    })
  }

  published(): ResolvedName[] {
    return this.#known.own().map(toResolved)
  }

  /** Tells of each own record that was not told for `NAME_REPUBLISH_MS`, renewed where its key is here. Never rejects. */
  async republish(): Promise<void> {
    for (const known of this.#known.own()) {
      const text = nameToText(known.name)
      if (this.#shutdown === undefined || this.#now() - (this.#toldAt.get(text) ?? 0) < NAME_REPUBLISH_MS) {
        continue
      }
      try {
        const current = await this.#renewed(known, this.#keys.get(text))
        if (this.#isValid(current.record)) {
          await this.#within({}, async (signal) => this.#tell(current, { signal }))
        }
      } catch (err) {
        this.#init.log('could not tell of %s again - %e', text, err)
      }
    }
  }

  /** The same value under the same sequence, valid for longer. */
  async #renewed(known: Known, key: PrivateKey | undefined): Promise<Known> {
    const { value, sequence, ttlMs } = known.record
    if (key === undefined) {
      return known
    }
    const validUntil = this.#now() + NAME_LIFETIME_MS
    const record = await signNameRecord(key, { value, sequence, validUntil, ttlMs })
    return this.#known.learn({ ...known, record })
  }

  async #tell({ name, record }: Known, options: Required<AbortOptions>): Promise<void> {
    const { acks, holders } = await putName(this.#init.network, name, record, options)
    if (acks < Math.max(1, Math.min(NAME_ENOUGH_ACKS, holders))) {
      throw new NameNotPublishedError(nameToText(name), acks)
    }
    this.#toldAt.set(nameToText(name), this.#now())
  }

  /** The newest of what the network says and what is known; `undefined` when nobody has said anything. */
  async #ask(name: PeerId, signal: AbortSignal): Promise<Known | undefined> {
    const { record } = await getName(this.#init.network, name, this.#now, { signal })
    return record === undefined ? undefined : this.#known.learn({ name, record, own: false, seenAt: this.#now() })
  }

  #isValid({ validUntil }: NameRecord): boolean {
    return validUntil > this.#now()
  }

  async #within<T>(options: AbortOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    options.signal?.throwIfAborted()
    if (this.#shutdown === undefined) {
      throw new NotStartedError('names need a started dht service')
    }
    const signal = anySignal([options.signal, this.#shutdown.signal, AbortSignal.timeout(NAME_TIMEOUT_MS)])
    setMaxListeners(Infinity, signal)
    try {
      return await work(signal)
    } finally {
      signal.clear()
    }
  }
}

function toResolved({ name, record: { value, sequence, validUntil } }: Known): ResolvedName {
  const [, cid, path = ''] = /^\/ipfs\/([^/]+)(\/.*)?$/u.exec(value) ?? []
  try {
    return { name: nameToText(name), root: CID.parse(cid ?? ''), path, sequence, validUntil }
  } catch (cause) {
    throw new InvalidNameRecordError('it stands for nothing that can be fetched', { cause })
  }
}
