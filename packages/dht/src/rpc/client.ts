import type { AbortOptions, Logger, PeerId, Stream } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidMessageError } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import { HARD_TIMEOUT_MS } from '../rules/soft-timeout.ts'
import type { RequestFailure } from '../types.ts'
import { MessageType } from '../wire/messages.ts'
import type { KadMessage, PeerRecord } from '../wire/messages.ts'
import { AnswerTimes } from './answer-times.ts'
import type { Contacts, DhtContact } from './contacts.ts'
import { askOver, tellOver } from './exchange.ts'

/** What one peer answered: who is nearer, and who provides the key, as far as it could be read. */
export interface Answer {
  readonly closer: readonly DhtContact[]
  readonly providers: readonly DhtContact[]
}

/** What became of a request. Requests never reject: most of a network's peers are gone at any time. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly tookMs: number }
  | { readonly ok: false; readonly why: RequestFailure; readonly tookMs: number }

/** Asks and tells one peer at a time; walks are made of it. */
export interface Rpc {
  isConnected(contact: DhtContact): boolean
  /**
   * After which silence of a peer, connected or not when it was asked, the next is asked beside it, in milliseconds. Less
   * as soon as others have shown how fast answers are.
   */
  softTimeoutMs(wasConnected: boolean): number
  /** Who is near `key`, and with `GET_PROVIDERS` who provides it. */
  ask(contact: DhtContact, type: AskType, key: Uint8Array, options: AbortOptions): Promise<Outcome<Answer>>
  /** Whether it speaks the protocol, over a connection it has or where it says itself that it is. Never rejects. */
  reaches(contact: DhtContact, options: AbortOptions): Promise<boolean>
  /** Put records of this node there, for all `keys` over one stream; `ok` when all were taken. */
  put(contact: DhtContact, keys: readonly Uint8Array[], options: AbortOptions): Promise<Outcome<undefined>>
}

/** Requests that have an answer. */
export type AskType = MessageType.FIND_NODE | MessageType.GET_PROVIDERS

/** Our own streams to one peer at a time: a lookup, puts and a sweep together. */
const MAX_OUTBOUND_STREAMS = 64

/** What an `RpcClient` works with. */
export interface RpcClientInit {
  readonly connectionManager: Pick<KadDHTComponents['connectionManager'], 'openStream' | 'getConnections'>
  readonly protocol: string
  readonly contacts: Contacts
  /** Where a peer says that it is, with its signature under it. */
  readonly signedAddresses: (peer: PeerId) => Promise<readonly Multiaddr[]>
  /** This node as its records name it, with the addresses it has now. */
  readonly self: () => PeerRecord
  readonly log: Logger
}

/** Requests over libp2p streams, each within `HARD_TIMEOUT_MS`, dialling included. */
export class RpcClient implements Rpc {
  readonly #init: RpcClientInit
  readonly #times = new AnswerTimes()

  constructor(init: RpcClientInit) {
    this.#init = init
  }

  isConnected({ id }: { readonly id: PeerId }): boolean {
    return this.#init.connectionManager.getConnections(id).length > 0
  }

  softTimeoutMs(wasConnected: boolean): number {
    return this.#times.softTimeoutMs(wasConnected)
  }

  async ask(contact: DhtContact, type: AskType, key: Uint8Array, options: AbortOptions): Promise<Outcome<Answer>> {
    const request: KadMessage = { type, key: Uint8Array.from(key), closer: [], providers: [] }
    return this.#request(contact, options, async (stream, signal) => {
      const [answer] = await askOver(stream, [request], signal)
      // its end is of no interest, and a failure of it neither
      stream.close(signal).catch(() => undefined)
      return { closer: this.#read(answer?.closer), providers: this.#read(answer?.providers) }
    })
  }

  async reaches({ id }: DhtContact, options: AbortOptions): Promise<boolean> {
    const { connectionManager, contacts, protocol, signedAddresses } = this.#init
    const { addresses } = contacts.of(id, await signedAddresses(id))
    const isConnected = this.isConnected({ id })
    if (!isConnected && addresses.length === 0) {
      return false
    }
    const signal = anySignal([options.signal, AbortSignal.timeout(HARD_TIMEOUT_MS)])
    try {
      const stream = await connectionManager.openStream(isConnected ? id : [...addresses], protocol, { signal })
      await stream.close({ signal })
      return true
    } catch {
      return false
    } finally {
      signal.clear()
    }
  }

  async put(contact: DhtContact, keys: readonly Uint8Array[], options: AbortOptions): Promise<Outcome<undefined>> {
    const providers = [this.#init.self()]
    return this.#request(contact, options, async (stream, signal) => {
      await tellOver(
        stream,
        keys.map((key) => ({
          type: MessageType.ADD_PROVIDER,
          key: Uint8Array.from(key),
          closer: [],
          providers
        })),
        signal
      )
      return undefined
    })
  }

  async #request<T>(
    contact: DhtContact,
    options: AbortOptions,
    use: (stream: Stream, signal: AbortOptions) => Promise<T>
  ): Promise<Outcome<T>> {
    const { connectionManager, protocol, log } = this.#init
    const deadline = new AbortController()
    const timer = setTimeout(() => {
      deadline.abort()
    }, HARD_TIMEOUT_MS)
    const signal = anySignal([options.signal, deadline.signal])
    const connected = this.isConnected(contact)
    const startedAt = performance.now()
    let stream: Stream | undefined
    try {
      const target = connected || contact.addresses.length === 0 ? contact.id : [...contact.addresses]
      stream = await connectionManager.openStream(target, protocol, {
        signal,
        maxOutboundStreams: MAX_OUTBOUND_STREAMS
      })
      const value = await use(stream, { signal })
      const tookMs = performance.now() - startedAt
      this.#times.add(connected, tookMs)
      return { ok: true, value, tookMs }
    } catch (err) {
      log('%p did not answer - %e', contact.id, err)
      stream?.abort(err instanceof Error ? err : new InvalidMessageError('kad', { cause: err }))
      const why = deadline.signal.aborted ? 'timeout' : stream === undefined ? whyNoStream(err) : 'invalid'
      return { ok: false, why, tookMs: performance.now() - startedAt }
    } finally {
      signal.clear()
      clearTimeout(timer)
    }
  }

  #read(records: readonly PeerRecord[] = []): DhtContact[] {
    return records.flatMap((record) => this.#init.contacts.read(record) ?? [])
  }
}

/** Who speaks other protocols only is there, and no part of this network. */
function whyNoStream(err: unknown): RequestFailure {
  const { name } = err instanceof Error ? err : { name: '' }
  return name === 'UnsupportedProtocolError' ? 'unsupported' : 'unreachable'
}
