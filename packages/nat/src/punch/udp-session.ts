import type { Connection, Logger, PeerId } from '@libp2p/interface'
import type { DatagramAddress, DatagramEndpoint, DatagramSocket } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import type { Clock } from './clock.ts'
import {
  NOMINATION_BURST,
  NOMINATION_LEAD_MS,
  PROBE_INTERVAL_MS,
  PROBE_TRAIN_MS,
  UDP_TIMEOUT_MS,
  UPGRADE_STAGGER_MS,
  UPGRADE_TIMEOUT_MS,
  UPGRADE_TRIES
} from './constants.ts'
import { StrategyFailedError } from './errors.ts'
import { OpenPaths } from './paths.ts'
import type { OpenPath } from './paths.ts'
import type { RandomNumber } from './ports.ts'
import { sendProbes } from './probing.ts'
import type { ProbeStep } from './probing.ts'
import type { Role } from './types.ts'
import type { Probe, ProbeCodec, ProbeKind } from './wire/probe.ts'

export interface UdpSessionInit {
  readonly peer: PeerId
  readonly role: Role
  readonly endpoint: DatagramEndpoint
  readonly codec: ProbeCodec
  /** Stream ids of both ends, in pairs. */
  readonly ids: readonly { readonly local: number; readonly remote: number }[]
  readonly clock: Clock
  readonly random: RandomNumber
  /** Whether one more datagram may be sent to the peer. */
  readonly mayProbe: () => boolean
  readonly log: Logger
}

/** A connection, and the path that it took. */
export interface UdpOutcome {
  readonly connection: Connection
  readonly socket: DatagramSocket
  readonly remote: DatagramAddress
}

/**
 * All ways over UDP of one attempt. Both ends probe; the initiator nominates the first path that it hears from, and both
 * upgrade it. An upgrade that takes long is joined by another one, with other streams, over the best path there is then.
 */
export class UdpSession {
  readonly #init: UdpSessionInit
  readonly #paths = new OpenPaths()
  readonly #opened = new Set<DatagramSocket>()
  readonly #handled = new Map<DatagramSocket, () => void>()
  readonly #ready = new Map<number, AbortController>()
  readonly #nominated = new Set<number>()
  /** Aborted when probing has done its work. */
  readonly #found = new AbortController()
  readonly #result = Promise.withResolvers<UdpOutcome>()
  readonly #failures: unknown[] = []
  /** The next pair of streams. */
  #next = 0
  #signal = AbortSignal.abort()

  constructor(init: UdpSessionInit) {
    this.#init = init
    // nobody may be there to hear that it came to nothing
    this.#result.promise.catch(() => undefined)
  }

  /** Throws `StrategyFailedError` when nothing came about in time, or the signal's reason. */
  async run(
    steps: readonly { readonly step: ProbeStep; readonly delayMs: number }[],
    signal: AbortSignal
  ): Promise<UdpOutcome> {
    signal.throwIfAborted()
    const over = new AbortController()
    const either = anySignal([signal, over.signal])
    this.#signal = either
    const onAbort = (): void => {
      this.#result.reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      for (const socket of this.#init.endpoint.sockets()) {
        this.#listen(socket)
      }
      for (const { step, delayMs } of steps) {
        this.#quietly(this.#send(step, delayMs))
      }
      this.#quietly(this.#giveUp())
      this.#guess(steps.map(({ step }) => step))
      return await this.#result.promise
    } finally {
      signal.removeEventListener('abort', onAbort)
      over.abort(new StrategyFailedError('another path was faster'))
      either.clear()
      this.#close()
    }
  }

  async #send(step: ProbeStep, delayMs: number): Promise<void> {
    const signal = anySignal([this.#signal, this.#found.signal])
    const { endpoint, clock, random } = this.#init
    try {
      await clock.sleep(delayMs, signal)
      await sendProbes(step, {
        endpoint,
        clock,
        random,
        signal,
        send: (socket, to) => this.#say(socket, to, { kind: 'probe', index: 0 }),
        onOpen: (socket) => {
          this.#opened.add(socket)
          this.#listen(socket)
        }
      })
    } finally {
      signal.clear()
    }
  }

  async #giveUp(): Promise<void> {
    await this.#init.clock.sleep(UDP_TIMEOUT_MS, this.#signal)
    if (!this.#found.signal.aborted) {
      this.#result.reject(new StrategyFailedError('no probe of the peer came through'))
      return
    }
    await this.#init.clock.sleep(UPGRADE_TIMEOUT_MS, this.#signal)
    this.#result.reject(new StrategyFailedError('probes came through, but no connection', { cause: this.#failures[0] }))
  }

  #listen(socket: DatagramSocket): void {
    if (!this.#handled.has(socket)) {
      const off = socket.handle((bytes, from) => {
        const probe = this.#init.codec.decode(bytes)
        if (probe !== undefined) {
          this.#onProbe(probe, socket, from)
        }
        return probe !== undefined
      })
      this.#handled.set(socket, off)
    }
  }

  /** Of the peer, as its code of authenticity says; from where does not matter. */
  #onProbe({ kind, index }: Probe, socket: DatagramSocket, from: DatagramAddress): void {
    const path = this.#paths.add(socket, from, kind !== 'probe')
    if (path === undefined) {
      return
    }
    switch (kind) {
      case 'probe':
        this.#say(socket, from, { kind: 'ack', index: 0 })
        this.#onPath(path)
        break
      case 'ack':
        this.#onPath(path)
        break
      case 'nominate':
        this.#say(socket, from, { kind: 'ready', index })
        this.#onNominate(path, index)
        break
      case 'ready':
        this.#onPath(path)
        this.#ready.get(index)?.abort()
    }
  }

  #onPath(path: OpenPath): void {
    if (this.#init.role === 'initiator' && !this.#found.signal.aborted) {
      this.#init.log('heard from %p', this.#init.peer)
      this.#found.abort(new StrategyFailedError('a path is open'))
      this.#quietly(this.#upgrades(path.tries > 0))
    }
  }

  /**
   * Where the responder is known to be and to let us in, the upgrade need not wait for its first probe. When that comes by
   * another way, or none does, the guess costs a pair of streams.
   */
  #guess(steps: readonly ProbeStep[]): void {
    const { role, endpoint } = this.#init
    const [step] = steps
    const isSure = steps.length > 0 && steps.every((other) => other.type === 'probe' && other.open === true)
    if (role !== 'initiator' || !isSure || step?.type !== 'probe') {
      return
    }
    const [remote] = step.targets
    const socket = endpoint.sockets().find(({ family }) => family === (remote?.host.includes(':') === true ? 6 : 4))
    const path = remote === undefined || socket === undefined ? undefined : this.#paths.add(socket, remote, false)
    if (path !== undefined) {
      this.#upgradeOver(path)
    }
  }

  /** One upgrade after the other, each beside those before it. */
  async #upgrades(isUnderWay: boolean): Promise<void> {
    const { ids, clock } = this.#init
    if (isUnderWay) {
      await clock.sleep(UPGRADE_STAGGER_MS, this.#signal)
    }
    while (this.#next < Math.min(ids.length, UPGRADE_TRIES)) {
      const path = this.#paths.best()
      if (path === undefined) {
        return
      }
      this.#upgradeOver(path)
      await clock.sleep(UPGRADE_STAGGER_MS, this.#signal)
    }
  }

  #upgradeOver(path: OpenPath): void {
    path.tries++
    this.#quietly(this.#nominate(path, this.#next++))
  }

  /** Says so until the peer is ready; the upgrade waits for that only a little. */
  async #nominate(path: OpenPath, index: number): Promise<void> {
    const { clock } = this.#init
    const ready = new AbortController()
    this.#ready.set(index, ready)
    const say = (): boolean => this.#say(path.socket, path.remote, { kind: 'nominate', index })
    for (let n = 0; n < NOMINATION_BURST; n++) {
      say()
    }
    const lead = anySignal([ready.signal, this.#signal])
    try {
      await clock.sleep(NOMINATION_LEAD_MS, lead).catch(() => undefined)
      this.#signal.throwIfAborted()
      this.#quietly(this.#connect(path, index))
      const begun = clock.now()
      while (!ready.signal.aborted && clock.now() - begun < PROBE_TRAIN_MS && say()) {
        await clock.sleep(PROBE_INTERVAL_MS, lead).catch(() => undefined)
        this.#signal.throwIfAborted()
      }
    } finally {
      lead.clear()
    }
  }

  #onNominate(path: OpenPath, index: number): void {
    if (this.#init.role === 'responder' && !this.#nominated.has(index) && index < this.#init.ids.length) {
      this.#nominated.add(index)
      this.#found.abort(new StrategyFailedError('a path was nominated'))
      this.#quietly(this.#connect(path, index))
    }
  }

  async #connect({ socket, remote }: OpenPath, index: number): Promise<void> {
    const { peer, role, endpoint, ids } = this.#init
    const pair = ids[index]
    this.#init.log('upgrade %d to %p as %s, %s port %d', index, peer, role, remote.host, remote.port)
    if (pair === undefined) {
      return
    }
    try {
      const connection = await endpoint.connect(socket, remote, {
        peer,
        localId: pair.local,
        remoteId: pair.remote,
        initiator: role === 'initiator',
        // the initiator chooses among upgrades that run side by side; the responder gives none up that it may choose
        signal: role === 'initiator' ? this.#signal : AbortSignal.timeout(UPGRADE_TIMEOUT_MS)
      })
      this.#opened.delete(socket)
      this.#result.resolve({ connection, socket, remote })
    } catch (error) {
      this.#failures.push(error)
    }
  }

  #say(socket: DatagramSocket, to: DatagramAddress, probe: { kind: ProbeKind; index: number }): boolean {
    if (this.#signal.aborted || !this.#init.mayProbe()) {
      return false
    }
    socket.send(this.#init.codec.encode(probe), to)
    return true
  }

  /** What ends with the session ends without a word. */
  #quietly(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#failures.push(error))
  }

  #close(): void {
    for (const off of this.#handled.values()) {
      off()
    }
    for (const socket of this.#opened) {
      socket.close()
    }
  }
}
