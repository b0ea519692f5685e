import { setMaxListeners } from 'main-event'
import type { DhtContact } from '../rpc/contacts.ts'
import type { Answer, AskType, Outcome, Rpc } from '../rpc/client.ts'
import { ackState } from '../rules/ack-state.ts'
import { Lookup } from '../rules/lookup.ts'
import type { Ask } from '../rules/lookup.ts'
import { REPLICATION } from '../rules/network-size.ts'
import type { KnownSize, SizeSample } from '../rules/network-size.ts'
import { distanceOf } from '../rules/position.ts'
import type { Position } from '../rules/position.ts'
import type { LookupEnd } from '../types.ts'
import { MessageType } from '../wire/messages.ts'
import { HeardDistances } from './heard.ts'
import { keyNear } from './key-near.ts'
import type { Meter } from './meter.ts'
import type { Emit } from './trace.ts'

/**
 * Messages one lookup costs at most. The largest that is honest, a region with 300, has fewer; who names nearer peers for
 * ever ends it here.
 */
export const MAX_LOOKUP_MESSAGES = 500

/** How often a silent peer is looked at; less than the shortest soft timeout. */
const LOOK_INTERVAL_MS = 100

/** Where a lookup goes and what it has to start with. */
export interface LookupTask {
  readonly kind: 'find' | 'provide'
  /** What the peers on the way to the key are asked. */
  readonly type: AskType
  /** As it goes over the wire: a multihash. */
  readonly key: Uint8Array
  readonly target: Position
  /** Estimated number of servers, and of how many peers it is made. */
  readonly nodes?: number
  readonly ranks?: number
  readonly alpha?: number
  readonly seeds: readonly DhtContact[]
  readonly seedsNear: (position: Position) => readonly DhtContact[]
  /** Ends the lookup. Records on their way are left to arrive. */
  readonly signal: AbortSignal
  /** Ends also those: the service stops. */
  readonly shutdown: AbortSignal
  /** For each answer of a search that names somebody. */
  readonly onProviders?: (providers: readonly DhtContact[], from: DhtContact) => void
  /** A better estimate, asked for when the key seems crowded: with one that is too small any key does. Never rejects. */
  readonly resize?: (signal: AbortSignal) => Promise<KnownSize | undefined>
  /** Once, as soon as others can find the record. */
  readonly onFindable?: (holders: readonly DhtContact[]) => void
}

/** What the lookup stands on. */
export interface LookupTools {
  readonly rpc: Rpc
  readonly meter: Meter
  readonly emit: Emit
}

/** How a lookup ended. */
export interface LookupResult {
  /** Who confirmed the record. */
  readonly holders: readonly DhtContact[]
  /** Who answered at all, and who did not. */
  readonly answered: ReadonlyMap<string, DhtContact>
  readonly failed: ReadonlyMap<string, DhtContact>
  /** Of those that failed, who could not be reached at all, or does not speak the protocol any more. */
  readonly gone: ReadonlyMap<string, DhtContact>
  readonly state: ReturnType<typeof ackState>
  readonly alarm: boolean
  /** Nearest that answered, at the end of a lookup that was not cut short. */
  readonly sample: SizeSample | undefined
}

/** Drives one `Lookup` (rules/lookup.ts): sends what it says, with soft timeouts, and tells it what came of that. */
export class LookupRun {
  readonly #task: LookupTask
  readonly #tools: LookupTools
  readonly #lookup: Lookup<DhtContact>
  readonly #heard = new HeardDistances()
  readonly #holders = new Map<string, DhtContact>()
  readonly #answered = new Map<string, DhtContact>()
  readonly #failed = new Map<string, DhtContact>()
  readonly #gone = new Map<string, DhtContact>()
  readonly #probeKeys = new Map<Position, Promise<Uint8Array>>()
  readonly #asking = new AbortController()
  readonly #done = Promise.withResolvers<LookupEnd>()
  #messages = 0
  #ended = false
  #alarm = false
  #findable = false
  #isResized = false
  /** Records were named and the caller has not had its turn yet: it may have enough. */
  #isHeld = false

  constructor(task: LookupTask, tools: LookupTools) {
    this.#task = task
    this.#tools = tools
    this.#lookup = new Lookup({
      kind: task.kind,
      target: task.target,
      ...(task.nodes === undefined ? {} : { nodes: task.nodes }),
      ...(task.ranks === undefined ? {} : { ranks: task.ranks }),
      ...(task.alpha === undefined ? {} : { alpha: task.alpha }),
      seeds: task.seeds,
      seedsNear: (position) => {
        const seeds = task.seedsNear(position)
        this.#hear(seeds, 1)
        return seeds
      }
    })
    this.#hear(task.seeds, 1)
    setMaxListeners(Infinity, this.#asking.signal)
  }

  /** Resolves when nothing is left to do or `signal` says so; never rejects. */
  async run(): Promise<LookupResult> {
    const { signal } = this.#task
    const stop = (): void => {
      this.#end('left')
    }
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) {
      stop()
    }
    this.#pump()
    const why = await this.#done.promise
    signal.removeEventListener('abort', stop)
    this.#asking.abort()
    this.#tools.emit({ name: 'end', why, messages: this.#messages, acks: this.#holders.size })
    return {
      holders: [...this.#holders.values()],
      answered: this.#answered,
      failed: this.#failed,
      gone: this.#gone,
      state: this.#state(),
      alarm: this.#alarm,
      sample: this.#lookup.sample(Date.now())
    }
  }

  #pump(): void {
    if (this.#ended || this.#isHeld) {
      return
    }
    const { resize } = this.#task
    if (resize !== undefined && this.#isSuspect() && !this.#isResized) {
      this.#isResized = true
      // before the next step, which may end the walk
      this.#lookup.awaitSize()
      void this.#resize(resize)
    }
    const { asks, puts, isDone } = this.#lookup.step()
    if (this.#lookup.alarm && !this.#alarm) {
      this.#alarm = true
      this.#tools.meter.count('alarms')
      this.#tools.emit({ name: 'alarm', nodes: Math.round(this.#lookup.nodes ?? 0) })
    }
    for (const contact of puts) {
      void this.#put(contact)
    }
    for (const ask of asks) {
      void this.#ask(ask)
    }
    if (isDone || this.#messages >= MAX_LOOKUP_MESSAGES) {
      this.#noteFindable()
      this.#end(this.#state() === 'complete' ? 'complete' : 'exhausted')
    }
  }

  #end(why: LookupEnd): void {
    this.#ended = true
    this.#done.resolve(why)
  }

  /** Never rejects. */
  async #ask(ask: Ask<DhtContact>): Promise<void> {
    const { rpc, emit } = this.#tools
    const { contact, target, walk } = ask
    this.#count()
    emit({
      name: 'ask',
      peer: contact.id,
      hop: this.#heard.hopOf(contact.key),
      distance: this.#distance(contact),
      connected: rpc.isConnected(contact),
      walk
    })
    const type = walk === 0 ? this.#task.type : MessageType.FIND_NODE
    const key = walk === 0 ? this.#task.key : await this.#probeKey(target)
    const outcome = await this.#withSoftTimeout(
      contact,
      async () => rpc.ask(contact, type, key, { signal: this.#asking.signal }),
      () => {
        this.#lookup.slow(ask)
      }
    )
    if (this.#ended) {
      return
    }
    if (outcome.ok) {
      this.#noteAnswer(ask, outcome)
    } else {
      this.#noteFailure(contact, outcome)
      this.#lookup.failed(ask)
    }
    this.#pump()
  }

  #noteAnswer(ask: Ask<DhtContact>, { value, tookMs }: Outcome<Answer> & { ok: true }): void {
    const { contact } = ask
    const { closer, providers } = value
    this.#answered.set(contact.key, contact)
    const fresh = this.#hear(closer, this.#heard.hopOf(contact.key) + 1)
    const { emit } = this.#tools
    emit({
      name: 'answer',
      peer: contact.id,
      tookMs,
      closer: closer.length,
      fresh,
      providers: providers.length
    })
    this.#lookup.answered(ask, closer)
    if (providers.length > 0) {
      this.#hold()
      this.#task.onProviders?.(providers, contact)
    }
  }

  /** Asks nobody until the caller has seen what was named: a question that is not sent costs nothing. */
  #hold(): void {
    if (!this.#isHeld) {
      this.#isHeld = true
      setImmediate(() => {
        this.#isHeld = false
        this.#pump()
      })
    }
  }

  /** Never rejects. */
  async #put(contact: DhtContact): Promise<void> {
    const { rpc, emit } = this.#tools
    const { key, shutdown } = this.#task
    this.#count()
    emit({ name: 'put', peer: contact.id, distance: this.#distance(contact) })
    const outcome = await this.#withSoftTimeout(
      contact,
      async () => rpc.put(contact, [key], { signal: shutdown }),
      () => {
        // another takes its place; if it confirms after all, there is one more
        this.#lookup.putSlow(contact)
      }
    )
    if (this.#ended) {
      return
    }
    if (outcome.ok) {
      this.#holders.set(contact.key, contact)
      this.#answered.set(contact.key, contact)
      emit({ name: 'acked', peer: contact.id, tookMs: outcome.tookMs, acks: this.#holders.size })
      this.#lookup.acked(contact)
    } else {
      this.#noteFailure(contact, outcome)
      this.#lookup.refused(contact)
    }
    this.#pump()
    this.#noteFindable()
  }

  async #withSoftTimeout<T>(
    contact: DhtContact,
    request: () => Promise<Outcome<T>>,
    onSlow: () => void
  ): Promise<Outcome<T>> {
    const { rpc, emit } = this.#tools
    const wasConnected = rpc.isConnected(contact)
    const begunAt = performance.now()
    // looked at again and again: what others answer meanwhile tells how long is long
    const look = (): void => {
      const afterMs = Math.round(performance.now() - begunAt)
      const leftMs = rpc.softTimeoutMs(wasConnected) - afterMs
      if (leftMs > 0) {
        timer = setTimeout(look, Math.min(leftMs, LOOK_INTERVAL_MS))
      } else if (!this.#ended) {
        emit({ name: 'slow', peer: contact.id, afterMs })
        onSlow()
        this.#pump()
      }
    }
    let timer = setTimeout(look, LOOK_INTERVAL_MS)
    try {
      return await request()
    } finally {
      clearTimeout(timer)
    }
  }

  #noteFailure(contact: DhtContact, { why, tookMs }: Outcome<unknown> & { ok: false }): void {
    const { meter, emit, rpc } = this.#tools
    this.#failed.set(contact.key, contact)
    if (why === 'unsupported' || (why === 'unreachable' && !rpc.isConnected(contact))) {
      this.#gone.set(contact.key, contact)
    }
    this.#heard.delete(contact.key)
    meter.count(why === 'timeout' ? 'timeouts' : 'failures')
    emit({ name: 'failed', peer: contact.id, tookMs, why })
  }

  /** How many nobody had named before. */
  #hear(contacts: readonly DhtContact[], hop: number): number {
    return contacts.filter(
      (contact) => !this.#failed.has(contact.key) && this.#heard.add(contact.key, this.#distance(contact), hop)
    ).length
  }

  #distance({ position }: DhtContact): number {
    return distanceOf(position, this.#task.target)
  }

  #count(): void {
    this.#messages++
    this.#tools.meter.count('messages')
  }

  #noteFindable(): void {
    if (!this.#findable && (this.#state() === 'findable' || this.#state() === 'complete')) {
      this.#findable = true
      this.#tools.emit({ name: 'findable', acks: this.#holders.size })
      this.#task.onFindable?.([...this.#holders.values()])
    }
  }

  #state(): ReturnType<typeof ackState> {
    const { isConverged } = this.#lookup
    const alarm = this.#alarm ? (isConverged ? 'region-done' : 'open') : this.#isSuspect() ? 'open' : undefined
    const state = ackState({
      // a few that happen to be known need not be the holders
      acks: this.#lookup.isSure ? this.#holders.size : 0,
      // who was named but does not answer is nobody who could hold it
      holders: isConverged ? this.#answered.size : Infinity,
      ...(alarm === undefined ? {} : { alarm })
    })
    const isSmall = this.#heard.size + this.#failed.size < REPLICATION
    return state === 'complete' && !isSmall && this.#holders.size < REPLICATION ? 'findable' : state
  }

  /** Placed peers are heard of first: what they confirm is worth nothing. */
  #isSuspect(): boolean {
    return !this.#alarm && !this.#lookup.isConverged && this.#heard.reach < this.#lookup.crowdedBelow
  }

  /** Never rejects. */
  async #resize(resize: NonNullable<LookupTask['resize']>): Promise<void> {
    const size = await resize(this.#asking.signal)
    if (!this.#ended) {
      this.#lookup.resize(size)
      this.#pump()
      this.#noteFindable()
    }
  }

  /** Others can be asked about keys only: one that lies beside `position`. */
  async #probeKey(position: Position): Promise<Uint8Array> {
    const bits = Math.ceil(Math.log2(this.#lookup.nodes ?? 1))
    const known = this.#probeKeys.get(position) ?? keyNear(position, bits, position.low)
    this.#probeKeys.set(position, known)
    return known
  }
}
