import type { AbortOptions } from '@libp2p/interface'
import type { Provider } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import {
  ContentNotFoundError,
  ProvidersUnreachableError,
  TransferStalledError,
  VerificationFailedError
} from '../errors.ts'
import { BlockRefusedError } from './block-link.ts'

/** A peer that has not answered after this long gets a rival. */
export const HEDGE_MS = 400

/** A peer that is silent for this long is given up. */
export const SILENCE_MS = 5000

/** Peers that are asked for one block at the same time. */
export const MAX_RIVALS = 3

/** Peers that are asked for one block at all. */
export const MAX_BLOCK_PROVIDERS = 32

/** Why the others are not waited for. */
const OVER = new DOMException('another peer was faster', 'AbortError')

export interface GetBlockInit extends AbortOptions {
  readonly cid: CID
  /** Whom to ask, in order: the next is looked for when it is needed. */
  readonly providers: AsyncIterable<Provider>
  /** No block after this long: give up. */
  readonly timeoutMs: number
  /** A verified block from one peer. */
  ask(provider: Provider, options: AbortOptions): Promise<Uint8Array>
}

/**
 * One block from the first peer that has it: the next peer is asked when one fails, and beside one that is slow.
 *
 * @throws VerificationFailedError when somebody sent wrong bytes and nobody the right ones; ContentNotFoundError when
 *   nobody is known, or those who are do not have it; ProvidersUnreachableError when none could be reached;
 *   TransferStalledError when time was up; the signal's reason.
 */
export async function getBlock(init: GetBlockInit): Promise<Uint8Array> {
  const { signal } = init
  signal?.throwIfAborted()
  const race = new Race(init)
  const abort = (): void => {
    race.fail(signal?.reason)
  }
  signal?.addEventListener('abort', abort)
  try {
    return await race.run()
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

/** The peers that are asked for one block. */
class Race {
  readonly #init: GetBlockInit
  readonly #providers: AsyncIterator<Provider>
  readonly #result = Promise.withResolvers<Uint8Array>()
  readonly #seen = new Set<string>()
  readonly #errors: unknown[] = []
  /** One for each peer that is asked now. */
  readonly #running = new Set<AbortController>()
  #over = false
  #looking = false
  #exhausted = false
  /** Those who are asked take long: one more is asked beside them. */
  #slow = false
  #hedge: NodeJS.Timeout | undefined

  constructor(init: GetBlockInit) {
    this.#init = init
    this.#providers = init.providers[Symbol.asyncIterator]()
  }

  async run(): Promise<Uint8Array> {
    const { timeoutMs } = this.#init
    const late = setTimeout(() => {
      const tried = `${this.#seen.size} peer(s) known, ${this.#errors.length} of them failed`
      this.fail(new TransferStalledError(timeoutMs, tried, { cause: this.#errors.at(-1) }))
    }, timeoutMs)
    this.#goOn()
    try {
      return await this.#result.promise
    } finally {
      this.#over = true
      clearTimeout(late)
      clearTimeout(this.#hedge)
      for (const asked of this.#running) {
        asked.abort(OVER)
      }
    }
  }

  fail(reason: unknown): void {
    this.#result.reject(reason)
  }

  /** Find one more to ask when nobody is at work, or those who are take long; give up when nobody is left. */
  #goOn(): void {
    const wants = this.#running.size === 0 || (this.#slow && this.#running.size < MAX_RIVALS)
    if (this.#over || this.#looking || !wants) {
      return
    }
    if (!this.#exhausted) {
      this.#looking = true
      void this.#askNext()
    } else if (this.#running.size === 0) {
      this.fail(this.#failure())
    }
  }

  async #askNext(): Promise<void> {
    try {
      const next = await this.#providers.next()
      if (next.done === true) {
        this.#exhausted = true
      } else if (!this.#over && !this.#seen.has(next.value.id.toString())) {
        this.#seen.add(next.value.id.toString())
        this.#exhausted = this.#seen.size >= MAX_BLOCK_PROVIDERS
        this.#start(next.value)
      }
    } catch (error) {
      this.#errors.push(error)
      this.#exhausted = true
    }
    this.#looking = false
    this.#goOn()
  }

  #start(provider: Provider): void {
    const asked = new AbortController()
    this.#running.add(asked)
    this.#slow = false
    clearTimeout(this.#hedge)
    this.#hedge = setTimeout(() => {
      this.#slow = true
      this.#goOn()
    }, HEDGE_MS)
    void this.#ask(provider, asked)
  }

  async #ask(provider: Provider, asked: AbortController): Promise<void> {
    const silent = setTimeout(() => {
      asked.abort(new DOMException('the peer is silent', 'TimeoutError'))
    }, SILENCE_MS)
    try {
      const block = await this.#init.ask(provider, { signal: asked.signal })
      this.#over = true // before `goOn` below: nobody else is looked for
      this.#result.resolve(block)
    } catch (error) {
      this.#errors.push(error)
    } finally {
      clearTimeout(silent)
      this.#running.delete(asked)
      this.#goOn()
    }
  }

  #failure(): Error {
    const { cid } = this.#init
    const cause = asError(this.#errors.at(-1))
    const wrong = this.#errors.find((error) => error instanceof VerificationFailedError)
    if (wrong !== undefined) {
      return new VerificationFailedError(`every source of ${cid.toString()} sent wrong bytes, or none`, {
        cause: wrong
      })
    }
    if (this.#seen.size === 0 || this.#errors.some((error) => error instanceof BlockRefusedError)) {
      const detail = this.#seen.size === 0 ? 'no peer to ask' : `${this.#seen.size} peer(s) do not have it`
      return new ContentNotFoundError(cid, detail, this.#errors.length > 0 ? { cause } : {})
    }
    return new ProvidersUnreachableError(cid, this.#seen.size, { cause })
  }
}
