import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import { HEDGE_MS, MAX_DIALS } from '../rules/rank-providers.ts'

/**
 * Try one candidate after the other, the next `HEDGE_MS` after the last or as soon as one has failed, at most `MAX_DIALS`
 * at a time, until the first success; the others are aborted then. `undefined` when all have failed. Rejects with the
 * signal's reason.
 */
export async function firstSuccess<C, R>(
  candidates: AsyncIterable<C>,
  attempt: (candidate: C, signal: AbortSignal) => Promise<R>,
  signal: AbortSignal
): Promise<R | undefined> {
  const over = new AbortController()
  const all = anySignal([signal, over.signal])
  setMaxListeners(Infinity, all)
  const source = candidates[Symbol.asyncIterator]()
  try {
    return await new Race(source, attempt, all).winner()
  } finally {
    over.abort()
    all.clear()
    await source.return?.()
  }
}

class Race<C, R> {
  readonly #source: AsyncIterator<C>
  readonly #attempt: (candidate: C, signal: AbortSignal) => Promise<R>
  readonly #signal: AbortSignal
  readonly #won = Promise.withResolvers<R | undefined>()
  #running = 0
  #isPulling = false
  #isExhausted = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    source: AsyncIterator<C>,
    attempt: (candidate: C, signal: AbortSignal) => Promise<R>,
    signal: AbortSignal
  ) {
    this.#source = source
    this.#attempt = attempt
    this.#signal = signal
  }

  async winner(): Promise<R | undefined> {
    const onAbort = (): void => {
      this.#won.reject(this.#signal.reason)
    }
    this.#signal.throwIfAborted()
    this.#signal.addEventListener('abort', onAbort, { once: true })
    void this.#next()
    try {
      return await this.#won.promise
    } finally {
      clearTimeout(this.#timer)
      this.#signal.removeEventListener('abort', onAbort)
    }
  }

  /** Never rejects. */
  async #next(): Promise<void> {
    if (this.#isPulling || this.#isExhausted || this.#running >= MAX_DIALS) {
      return
    }
    this.#isPulling = true
    try {
      const next = await this.#source.next()
      this.#isPulling = false
      if (next.done === true) {
        this.#exhausted()
      } else if (!this.#signal.aborted) {
        void this.#try(next.value)
        clearTimeout(this.#timer)
        this.#timer = setTimeout(() => {
          void this.#next()
        }, HEDGE_MS)
      }
    } catch (err) {
      this.#won.reject(err)
    }
  }

  /** Never rejects. */
  async #try(candidate: C): Promise<void> {
    this.#running++
    try {
      this.#won.resolve(await this.#attempt(candidate, this.#signal))
    } catch {
      this.#running--
      this.#giveUpIfAlone()
      void this.#next()
    }
  }

  #exhausted(): void {
    this.#isExhausted = true
    this.#giveUpIfAlone()
  }

  #giveUpIfAlone(): void {
    if (this.#isExhausted && this.#running === 0) {
      this.#won.resolve(undefined)
    }
  }
}
