import { InvalidOptionError } from '@p2pshare/interface'
import type { Random } from '../../random.ts'
import { EventHash } from '../event-hash.ts'
import type { MemberBrain, MemberPort } from './brain.ts'
import { ABORT, ACCEPT, CALL, CLOSED, DIAL_TIMEOUT, GO_ON, LINK_UP, MESSAGE, RESET, SOON, WAKE } from './event-kinds.ts'
import { Exponential } from './exponential.ts'
import { LinkLife } from './link-life.ts'
import type { LinkHost } from './link-life.ts'
import type { LinkTable } from './link-table.ts'
import type { NetworkModel } from './network-model.ts'
import { NEVER, NodeTable } from './node-table.ts'
import { Processors } from './processors.ts'
import { TimingWheel } from './timing-wheel.ts'
import type { WheelHandler } from './timing-wheel.ts'

/** First retransmission of a lost packet, beyond a round trip. */
const RTO_MS = 250

type Callback = (now: number) => void

export interface MemberNetworkInit {
  /** Most members, dead ones that do not come back included. */
  readonly capacity: number
  readonly model: NetworkModel
  readonly random: Random
}

/**
 * Members that talk over links in virtual time: dials, delays, order, loss as delay, stalls of processes and of their
 * network, partitions, crashes with and without a word. It knows nothing of what the messages mean. The same seed gives
 * the same run, and `digest` says whether it was.
 */
export class MemberNetwork<Message> implements WheelHandler<Message | Callback>, LinkHost<Message> {
  /** Messages, bytes and dials are counted. */
  measuring = false
  readonly nodes: NodeTable
  readonly model: NetworkModel
  readonly #life: LinkLife<Message>
  readonly #wheel = new TimingWheel<Message | Callback>()
  readonly #hash = new EventHash()
  readonly #ticksPerMs: number
  readonly #lagTicks: number
  readonly #draw: Exponential
  readonly #processors: Processors<Message | Callback> | undefined
  readonly #brains: Array<MemberBrain<Message> | undefined>
  /** By node: messages and bytes. */
  readonly #sent: Float64Array

  constructor({ capacity, model, random }: MemberNetworkInit) {
    this.nodes = new NodeTable(capacity)
    this.model = model
    this.#life = new LinkLife(this)
    this.#sent = new Float64Array(2 * capacity)
    this.#ticksPerMs = model.ticksPerMs
    this.#lagTicks = Math.round(model.timerLagMs * model.ticksPerMs)
    this.#draw = new Exponential([random.uint32(), random.uint32(), random.uint32(), random.uint32() | 1])
    this.#brains = Array.from({ length: capacity }, () => undefined)
    this.#processors =
      model.cpu === undefined
        ? undefined
        : new Processors(model.cpu, model.ticksPerMs, (tick, process) =>
            this.#wheel.put(tick, GO_ON, process, 0, undefined)
          )
  }

  /** Milliseconds since the start. */
  get now(): number {
    return this.#wheel.tick / this.#ticksPerMs
  }

  /** Events so far. */
  get events(): number {
    return this.#wheel.events
  }

  /** Fingerprint of every event so far. */
  get digest(): string {
    return this.#hash.digest
  }

  get links(): LinkTable {
    return this.#life.links
  }

  /** Connections opened while `measuring`. */
  get opens(): number {
    return this.#life.opens
  }

  /** Dials while `measuring`, those that found nobody included. */
  get dials(): number {
    return this.#life.dials
  }

  /** Sent by a node while `measuring`. */
  sentMessages(node: number): number {
    return this.#sent[2 * node] ?? 0
  }

  /** Sent by a node while `measuring`, without overhead. */
  sentBytes(node: number): number {
    return this.#sent[2 * node + 1] ?? 0
  }

  isUp(node: number): boolean {
    return this.nodes.isUp(node)
  }

  /** They can reach each other, as far as partitions go. */
  sameSide(a: number, b: number): boolean {
    return this.nodes.side(a) === this.nodes.side(b)
  }

  /** A member comes up; `make` may use the port already. */
  add<Brain extends MemberBrain<Message>>(node: number, make: (port: MemberPort<Message>) => Brain): Brain {
    this.nodes.begin(node)
    const brain = make(new Port(this, node))
    this.#brains[node] = brain
    this.touch(node)
    return brain
  }

  /** Of a node that is up or was. */
  brain(node: number): MemberBrain<Message> {
    const brain = this.#brains[node]
    if (brain === undefined) {
      throw new InvalidOptionError('node', `no member ${node} was ever added`)
    }
    return brain
  }

  /** Look again at when the brain wants to be woken: after calls that did not come from the network. */
  touch(node: number): void {
    const at = this.#brains[node]?.wakeAt ?? Infinity
    if (at === Infinity) {
      return
    }
    const wanted = Math.max(this.#wheel.tick + 1, Math.ceil(at * this.#ticksPerMs))
    const planned = this.nodes.wakeTick(node)
    if (planned === NEVER || planned > wanted + this.#lagTicks) {
      const tick = wanted + Math.floor(this.#draw.uniform() * this.#lagTicks)
      this.nodes.planWake(node, tick)
      this.#wheel.put(tick, WAKE, node, 0, undefined)
    }
  }

  send(from: number, to: number, message: Message, bytes: number): void {
    const link = this.links.find(from, to)
    if (link === undefined) {
      return
    }
    if (this.measuring) {
      this.#sent[2 * from] = (this.#sent[2 * from] ?? 0) + 1
      this.#sent[2 * from + 1] = (this.#sent[2 * from + 1] ?? 0) + bytes
    }
    this.work(this.model.cpu?.messageMs ?? 0)
    if (this.sameSide(from, to)) {
      this.#wheel.put(this.#arrival(link, from, to), MESSAGE, to, link, message)
    }
  }

  /** The node that is at work is so for so much longer. */
  work(ms: number): void {
    this.#processors?.spend(ms)
  }

  link(from: number, to: number): void {
    this.#life.open(from, to)
  }

  unlink(from: number, to: number): void {
    this.#life.close(from, to)
  }

  /** Call back in this tick, unless the node ends before. */
  soon(node: number, callback: Callback): void {
    this.#wheel.put(this.#wheel.tick, SOON, node, this.nodes.life(node), callback)
  }

  /** The process is gone. With `reset`, its host still says so to those it was connected with. */
  crash(node: number, reset: boolean): void {
    this.#end(node, reset ? RESET : ABORT)
  }

  /** The process ends in order: connections are closed. */
  stop(node: number): void {
    this.#end(node, CLOSED)
  }

  /** The process does nothing for that long; on waking, timers come before sockets. */
  stallProcess(node: number, ms: number): void {
    this.nodes.stall(node, this.#wheel.tick + Math.ceil(ms * this.#ticksPerMs))
    const { patienceMs } = this.model
    if (patienceMs !== undefined) {
      const [least, most] = patienceMs
      this.#life.stalled(node, ms, () => least + (most - least) * this.#draw.uniform())
    }
  }

  /** Nothing goes in or out for that long, and all of it does afterwards; timers run. */
  stallNetwork(node: number, ms: number): void {
    this.nodes.cutOff(node, this.#wheel.tick + Math.ceil(ms * this.#ticksPerMs))
  }

  /** Nothing passes between members of different sides. Connections across are given up after their patience. */
  partition(sideOf: (node: number) => number): void {
    for (let node = 0; node < this.nodes.size; node++) {
      this.nodes.setSide(node, sideOf(node))
    }
    this.#life.split()
  }

  heal(): void {
    for (let node = 0; node < this.nodes.size; node++) {
      this.nodes.setSide(node, 0)
    }
  }

  /** Call back then. Stalls do not hold it up: it is the world's, not a node's. */
  at(ms: number, callback: Callback): void {
    this.#wheel.put(Math.ceil(ms * this.#ticksPerMs), CALL, 0, 0, callback)
  }

  after(ms: number, callback: Callback): void {
    this.at(this.now + ms, callback)
  }

  /** Let time pass until then; `done` is asked after each step and ends it earlier. */
  run(untilMs: number, done?: () => boolean): void {
    this.#wheel.run(Math.ceil(untilMs * this.#ticksPerMs), this, done)
  }

  /** For the wheel. */
  happen(kind: number, node: number, link: number, payload: Message | Callback | undefined, tick: number): void {
    if (kind === CALL) {
      ;(payload as Callback)(this.now)
    } else if (kind === GO_ON) {
      const waiting = this.#processors?.next(node, tick)
      if (waiting !== undefined) {
        if (waiting.kind === WAKE && this.nodes.wakeTick(waiting.node) < tick) {
          this.nodes.planWake(waiting.node, tick)
        }
        this.#see(waiting.kind, waiting.node, waiting.link, waiting.payload, tick)
      }
    } else if (this.#processors?.isFree(kind, node, link, payload, tick) !== false) {
      this.#see(kind, node, link, payload, tick)
    }
  }

  /** The node sees to it, which may keep its process busy for a while. */
  #see(kind: number, node: number, link: number, payload: Message | Callback | undefined, tick: number): void {
    if (this.nodes.isUp(node) && this.#isHeldUp(kind, node, link, payload, tick)) {
      return
    }
    if (kind === ACCEPT || kind === LINK_UP) {
      const turn = this.#processors?.openLink(node, 2 * link + (kind === ACCEPT ? 0 : 1), tick)
      if (turn !== undefined) {
        // others have their turn before the next
        this.#wheel.put(tick + Math.max(1, turn), kind, node, link, payload)
        return
      }
    }
    this.#hash.add(tick)
    this.#hash.add((kind << 27) ^ (node << 10) ^ link)
    this.#handle(kind, node, link, payload, tick)
    this.#processors?.done(node, tick)
  }

  #handle(kind: number, node: number, link: number, payload: Message | Callback | undefined, tick: number): void {
    const { cpu } = this.model
    if (cpu !== undefined) {
      this.#processors?.begin(tick)
      this.work(kind === MESSAGE ? cpu.messageMs : 0)
    }
    if (kind === MESSAGE) {
      if (this.links.isOpen(link, node)) {
        this.brain(node).receive(this.links.other(link, node), payload as Message, this.now)
        this.touch(node)
      }
    } else if (kind === WAKE) {
      this.#wake(node, tick)
    } else if (kind !== SOON) {
      this.#life.happen(kind, node, link)
    } else if (this.nodes.life(node) === link) {
      ;(payload as Callback)(this.now)
      this.touch(node)
    }
  }

  /** For the life of links. */
  put(afterMs: number, kind: number, node: number, link: number): void {
    const tick = this.#wheel.tick + Math.max(1, Math.round(afterMs * this.#ticksPerMs))
    this.#wheel.put(tick, kind, node, link, undefined)
  }

  /** For the life of links. */
  tell(link: number, from: number, to: number, kind: number): void {
    if (this.sameSide(from, to)) {
      this.#wheel.put(this.#arrival(link, from, to), kind, to, link, undefined)
    }
  }

  /** Whether a stall holds it up; then it comes again. */
  #isHeldUp(kind: number, node: number, link: number, payload: Message | Callback | undefined, tick: number): boolean {
    const isTimer = kind >= DIAL_TIMEOUT
    const stalledUntil = this.nodes.stalledUntil(node)
    if (stalledUntil > tick) {
      // equal ticks keep their order, so input waits one tick for the timers
      const until = isTimer ? stalledUntil : stalledUntil + 1
      if (kind !== WAKE) {
        this.#wheel.put(until, kind, node, link, payload)
      } else if (this.nodes.wakeTick(node) === tick) {
        this.nodes.planWake(node, until)
        this.#wheel.put(until, kind, node, link, payload)
      }
      return true
    }
    const netUntil = this.nodes.netUntil(node)
    if (netUntil > tick && !isTimer) {
      this.#wheel.put(netUntil, kind, node, link, payload)
      return true
    }
    return false
  }

  #wake(node: number, tick: number): void {
    if (!this.nodes.isUp(node) || this.nodes.wakeTick(node) !== tick) {
      return
    }
    this.nodes.planWake(node, NEVER)
    const brain = this.brain(node)
    const now = this.now
    if (brain.wakeAt <= now) {
      brain.tick(now)
    }
    this.touch(node)
  }

  #end(node: number, kind: number): void {
    if (this.nodes.isUp(node)) {
      this.nodes.end(node)
      this.#life.end(node, kind)
    }
  }

  #arrival(link: number, from: number, to: number): number {
    const oneWayMs = this.links.oneWayMs(link)
    const tick = this.#wheel.tick + (this.#processors?.spentTicks ?? 0)
    let ms = oneWayMs + this.model.jitterMs * this.#draw.next()
    if (this.model.loss > 0) {
      let rtoMs = RTO_MS + 2 * oneWayMs
      while (this.#draw.uniform() < this.model.loss) {
        ms += rtoMs
        rtoMs *= 2
      }
    }
    const held = Math.max(0, this.nodes.netUntil(from) - tick)
    return this.links.arrival(link, to, tick + held + Math.max(1, Math.round(ms * this.#ticksPerMs)))
  }
}

/** One node's access to the network. */
class Port<Message> implements MemberPort<Message> {
  readonly self: number
  readonly #network: MemberNetwork<Message>

  constructor(network: MemberNetwork<Message>, self: number) {
    this.#network = network
    this.self = self
  }

  send(to: number, message: Message, bytes: number): void {
    this.#network.send(this.self, to, message, bytes)
  }

  link(to: number): void {
    this.#network.link(this.self, to)
  }

  unlink(to: number): void {
    this.#network.unlink(this.self, to)
  }

  work(ms: number): void {
    this.#network.work(ms)
  }

  soon(callback: Callback): void {
    this.#network.soon(this.self, callback)
  }
}
