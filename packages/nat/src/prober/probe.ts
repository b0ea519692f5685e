import { NotStartedError } from '@p2pshare/interface'
import type { DatagramAddress, DatagramSocket } from '@p2pshare/interface'
import { newTransactionId, StunClient } from '../stun/client.ts'
import type { SendSchedule, StunAnswer } from '../stun/client.ts'
import { encodeStun } from '../stun/codec.ts'
import type { NatClass } from '../types.ts'
import { classify } from './classify.ts'
import type { ProbeFacts } from './classify.ts'
import { COPIES_AT_MS, FRESH_SOCKETS } from './constants.ts'
import { beginProbe, filterEvidence, nextQuestions, overAtMs, recordAsked, recordReply } from './plan.ts'
import type { ProbeState, Question, ServerEndpoint } from './plan.ts'

/** Has a node send one datagram to a port of ours, over a connection that is there already. */
export interface Knocker {
  /** From where its datagram comes. */
  readonly host: string
  /** Whether it went out. */
  knock(port: number, transactionId: Uint8Array, signal: AbortSignal): Promise<boolean>
}

/** One probing of one address family. */
export interface ProbeInit {
  readonly family: 4 | 6
  readonly servers: readonly ServerEndpoint[]
  /** In the form of RFC 5952. */
  readonly ownHosts: readonly string[]
  /** The socket whose NAT is asked about; without it, one is opened. It stays open. */
  readonly listening?: DatagramSocket | undefined
  readonly open: (family: 4 | 6) => Promise<DatagramSocket>
  readonly knockers: readonly Knocker[]
  readonly graceMs: number
  /** After this time without an answer a question goes out again; after twice this time it is over. */
  readonly retryMs: number
  readonly now: () => number
  readonly signal: AbortSignal
}

/** Copies at once, and after `retryMs` again. */
export function probeSchedule(retryMs: number, copiesAtMs = COPIES_AT_MS): SendSchedule {
  return { sendAtMs: [...copiesAtMs, ...copiesAtMs.map((ms) => ms + retryMs)], giveUpAtMs: 2 * retryMs }
}

/** Ask the servers, and tell what NAT there is. Throws the signal's reason, or `BindFailedError`. */
export async function probe(init: ProbeInit): Promise<NatClass> {
  init.signal.throwIfAborted()
  const count = init.listening === undefined ? FRESH_SOCKETS + 1 : FRESH_SOCKETS
  const opening = await Promise.allSettled(Array.from({ length: count }, async () => init.open(init.family)))
  const opened = opening.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  try {
    const [failed] = opening.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []))
    if (failed !== undefined) {
      throw failed
    }
    return await new Probing(init, init.listening === undefined ? opened : [init.listening, ...opened]).run()
  } finally {
    opened.forEach((socket) => socket.close())
  }
}

class Probing {
  readonly #init: ProbeInit
  readonly #clients: readonly StunClient[]
  readonly #begun: number
  readonly #ended = new AbortController()
  #state: ProbeState
  #changed = Promise.withResolvers<void>()
  #hairpin: { heard: boolean; overAtMs: number } | undefined

  constructor(init: ProbeInit, sockets: readonly DatagramSocket[]) {
    this.#init = init
    this.#clients = sockets.map((socket) => new StunClient(socket, init.now))
    this.#begun = init.now()
    this.#state = beginProbe(init.servers, init.graceMs, init.retryMs)
  }

  async run(): Promise<NatClass> {
    const { signal } = this.#init
    const onAbort = (): void => this.#ended.abort(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await this.#askAll()
      const knocked = await this.#knocked()
      return classify(this.#state, { ...this.#facts(), ...(knocked === undefined ? {} : { knocked }) })
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#ended.abort()
    }
  }

  async #askAll(): Promise<void> {
    while (true) {
      const questions = nextQuestions(this.#state)
      this.#state = recordAsked(this.#state, questions, this.#elapsedMs)
      questions.forEach((question) => void this.#ask(question))
      this.#tryHairpin()
      const leftMs = Math.max(overAtMs(this.#state), this.#hairpin?.overAtMs ?? 0) - this.#elapsedMs
      if (leftMs <= 0) {
        return
      }
      await this.#wait(leftMs)
    }
  }

  async #ask({ id, socket, to, change, once }: Question): Promise<void> {
    try {
      const { signal } = this.#ended
      const answer = await this.#client(socket).ask(to, {
        signal,
        schedule: probeSchedule(this.#init.retryMs, once === true ? [0] : COPIES_AT_MS),
        ...(change === undefined ? {} : { change })
      })
      this.#state = recordReply(this.#state, id, toReply(answer))
    } catch {
      // silence, or the end: the state knows when it has waited long enough
    }
    this.#changed.resolve()
  }

  /** Two sockets of ours send each other something at their outside addresses, both at once to open the filters. */
  #tryHairpin(): void {
    const [one, two] = [this.#outsideOf(0), this.#outsideOf(1)]
    if (this.#hairpin !== undefined || one === undefined || two === undefined) {
      return
    }
    if (this.#init.ownHosts.includes(one.outside.host)) {
      return
    }
    const hairpin = {
      heard: false,
      overAtMs: this.#elapsedMs + (COPIES_AT_MS.at(-1) ?? 0) + Math.max(one.rttMs / 2, this.#init.graceMs)
    }
    this.#hairpin = hairpin
    const transactionId = newTransactionId()
    const bytes = encodeStun({ class: 'indication', transactionId })
    const ends = [
      { client: this.#client(0), to: two.outside },
      { client: this.#client(1), to: one.outside }
    ]
    const timers = COPIES_AT_MS.map((ms) =>
      setTimeout(() => ends.forEach(({ client, to }) => client.socket.send(bytes, to)), ms)
    )
    const forget = ends.map(({ client }) =>
      client.expect(transactionId, () => {
        hairpin.heard = true
        hairpin.overAtMs = 0
        this.#changed.resolve()
      })
    )
    this.#ended.signal.addEventListener('abort', () => {
      timers.forEach(clearTimeout)
      forget.forEach((end) => end())
    })
  }

  /** Where no server could answer from another host: whether a datagram of one that was not asked comes in. */
  async #knocked(): Promise<boolean | undefined> {
    const { knockers, graceMs } = this.#init
    if (filterEvidence(this.#state, this.#elapsedMs).otherHost !== undefined) {
      return undefined
    }
    for (const knocker of knockers) {
      const asked = this.#state.asked.find(
        ({ socket, to, reply }) => socket !== 0 && reply?.outside !== undefined && to.host !== knocker.host
      )
      if (asked?.reply?.outside === undefined) {
        continue
      }
      const transactionId = newTransactionId()
      const { promise, resolve } = Promise.withResolvers<true>()
      const forget = this.#client(asked.socket).expect(transactionId, () => resolve(true))
      try {
        if (await knocker.knock(asked.reply.outside.port, transactionId, this.#ended.signal)) {
          return await this.#within(promise, Math.max(asked.reply.rttMs, graceMs))
        }
      } catch {
        this.#init.signal.throwIfAborted()
      } finally {
        forget()
      }
    }
    return undefined
  }

  #outsideOf(socket: number): { outside: DatagramAddress; rttMs: number } | undefined {
    const reply = this.#state.asked.find((one) => one.socket === socket && one.reply?.outside !== undefined)?.reply
    return reply?.outside === undefined ? undefined : { outside: reply.outside, rttMs: reply.rttMs }
  }

  #facts(): ProbeFacts {
    return {
      family: this.#init.family,
      ownHosts: this.#init.ownHosts,
      localPorts: this.#clients.map(({ socket }) => socket.local.port),
      nowMs: this.#elapsedMs,
      ...(this.#hairpin === undefined ? {} : { hairpin: this.#hairpin.heard })
    }
  }

  async #wait(ms: number): Promise<void> {
    await this.#within(this.#changed.promise, ms)
    this.#changed = Promise.withResolvers<void>()
  }

  async #within<T>(promise: Promise<T>, ms: number): Promise<T | false> {
    const { signal } = this.#init
    signal.throwIfAborted()
    let timer: NodeJS.Timeout | undefined
    const aborted = Promise.withResolvers<never>()
    const onAbort = (): void => aborted.reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      const late = new Promise<false>((resolve) => {
        // of a process that was held up, answers wait to be looked at: those first
        timer = setTimeout(() => setImmediate(() => resolve(false)), Math.ceil(ms))
      })
      return await Promise.race([promise, late, aborted.promise])
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** The plan names sockets from 0 to `FRESH_SOCKETS`; so many there are. */
  #client(socket: number): StunClient {
    const client = this.#clients[socket] ?? this.#clients[0]
    if (client === undefined) {
      throw new NotStartedError('a probing without sockets')
    }
    return client
  }

  get #elapsedMs(): number {
    return this.#init.now() - this.#begun
  }
}

function toReply({ message, from, rttMs }: StunAnswer): Parameters<typeof recordReply>[2] {
  const { mapped, other } = message
  return {
    from,
    rttMs,
    ...(message.class === 'success' && mapped !== undefined ? { outside: mapped } : {}),
    ...(other === undefined ? {} : { other })
  }
}
