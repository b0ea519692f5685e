import { createMachine, PROFILES, ringPositions, Roster } from '../../../src/membership/index.ts'
import type {
  Claim,
  MemberChange,
  MemberIndex,
  MembershipMachine,
  MembershipMessage,
  MembershipProfile,
  UnsignedClaim
} from '../../../src/membership/index.ts'

/** Small, seeded, enough for tests (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Makes claims as an adapter would, with ids that are their own. */
export class Notary {
  #ids = 0

  sign(unsigned: UnsignedClaim, signer: MemberIndex): Claim {
    const bytes = 104 + (unsigned.metadata?.length ?? 0)
    // ids of real claims are hashes: they use all 53 bits
    const id = (++this.#ids * 2_654_435_761 * 4_099) % 2 ** 53
    return { ...unsigned, signer, id, bytes, wire: new Uint8Array() }
  }
}

export function rosterOf(count: number, capacity = Math.max(64, count * 2)): Roster {
  const roster = new Roster({ capacity })
  for (let member = 0; member < count; member++) {
    addTo(roster, member)
  }
  return roster
}

export function addTo(roster: Roster, member: number): MemberIndex {
  const key = `peer-${member}`
  const index = roster.add(key, ringPositions('test', new TextEncoder().encode(key)))
  if (index === undefined) {
    throw new Error('the roster is full')
  }
  return index
}

export interface Node {
  readonly machine: MembershipMachine
  readonly changes: (MemberChange & { readonly at: number })[]
  readonly sent: Map<MembershipMessage['type'], number>
  bytes: number
  isUp: boolean
  /** Neither its timers nor its messages are handled until then. */
  stalledUntil: number
  /** Answers of the other end of a link. */
  readonly links: Set<MemberIndex>
}

/** A few machines under virtual time, with a fixed latency a pair. Links fail as TCP does. */
export class Net {
  readonly roster = new Roster({ capacity: 512 })
  readonly notary = new Notary()
  readonly nodes: Node[] = []
  readonly random: () => number
  readonly profile: MembershipProfile
  now = 0
  /** Whether two can hear each other. */
  connected = (_one: MemberIndex, _other: MemberIndex): boolean => true
  /** By millisecond, in the order they came. */
  readonly #events = new Map<number, (() => void)[]>()

  constructor(seed: number, profile: Partial<MembershipProfile> = {}) {
    this.random = randomOf(seed)
    this.profile = { ...PROFILES.wan, ...profile }
  }

  /** A node that is not started. */
  add(): Node {
    const self = addTo(this.roster, this.nodes.length)
    const node: Node = {
      machine: this.#machine(self),
      changes: [],
      sent: new Map(),
      bytes: 0,
      isUp: false,
      stalledUntil: 0,
      links: new Set()
    }
    this.nodes[self] = node
    return node
  }

  /** So many that know each other. */
  startAll(count: number): void {
    for (let member = 0; member < count; member++) {
      this.add()
    }
    const members = this.nodes.map((_, subject) =>
      this.notary.sign({ kind: 'alive', subject, incarnation: 1 }, subject)
    )
    for (const node of this.nodes) {
      node.isUp = true
      node.machine.start(this.now, { incarnation: 1, members })
    }
  }

  /** A newcomer that knows one address. */
  join(contact: MemberIndex, incarnation = 1, node = this.add()): Node {
    node.isUp = true
    node.machine.start(this.now, { incarnation })
    this.#dial(node.machine.self, contact)
    return node
  }

  /** A node that was there before, as a new machine. */
  restart(member: MemberIndex, incarnation: number, contacts: readonly Claim[]): Node {
    const node: Node = {
      ...this.node(member),
      machine: this.#machine(member),
      isUp: true,
      stalledUntil: 0,
      links: new Set()
    }
    this.nodes[member] = node
    node.machine.start(this.now, { incarnation, contacts })
    return node
  }

  node(member: MemberIndex): Node {
    const node = this.nodes[member]
    if (node === undefined) {
      throw new Error(`no node ${member}`)
    }
    return node
  }

  /** `silent`: its host is gone, nobody hears anything. Else its connections are reset, and nobody listens. */
  crash(member: MemberIndex, silent = true): void {
    const node = this.node(member)
    node.isUp = false
    for (const peer of node.links) {
      const other = this.node(peer)
      if (!silent) {
        this.#at(this.now + 2 * this.#latency(member, peer), () => {
          other.links.delete(member)
          other.machine.linkDown(member, 'refused', this.now)
        })
      }
    }
    node.links.clear()
  }

  stall(member: MemberIndex, ms: number): void {
    this.node(member).stalledUntil = this.now + ms
  }

  /** Runs until `until`, or until `done` says so. Returns when. */
  run(ms: number, done?: () => boolean): number {
    const end = this.now + ms
    while (this.now < end) {
      if (done?.() === true) {
        return this.now
      }
      this.now++
      this.#step()
    }
    return this.now
  }

  live(): Node[] {
    return this.nodes.filter(({ isUp }) => isUp)
  }

  /** Whether all that are up hold exactly those for live that are up. */
  isAgreed(): boolean {
    const live = this.live()
    return live.every(
      ({ machine }) =>
        machine.liveCount === live.length - 1 &&
        live.every((other) => other.machine === machine || isLive(machine.record(other.machine.self)?.status))
    )
  }

  #step(): void {
    const due = this.#events.get(this.now)
    this.#events.delete(this.now)
    for (const run of due ?? []) {
      run()
    }
    for (const node of this.nodes) {
      if (node.isUp && node.stalledUntil <= this.now && node.machine.wakeAt <= this.now) {
        node.machine.tick(this.now)
      }
    }
  }

  #machine(self: MemberIndex): MembershipMachine {
    return createMachine({
      self,
      roster: this.roster,
      profile: this.profile,
      random: this.random,
      effects: {
        send: (to, message) => this.#send(self, to, message),
        link: (to) => this.#dial(self, to),
        unlink: (to) => this.#unlink(self, to),
        sign: (unsigned) => this.notary.sign(unsigned, self),
        notify: (change) => this.node(self).changes.push({ ...change, at: this.now })
      }
    })
  }

  #at(at: number, run: () => void): void {
    const then = Math.max(at, this.now + 1)
    const due = this.#events.get(then)
    if (due === undefined) {
      this.#events.set(then, [run])
    } else {
      due.push(run)
    }
  }

  /** When the node is next able to handle something. */
  #handle(member: MemberIndex, run: () => void): void {
    const node = this.node(member)
    if (!node.isUp) {
      return
    }
    if (node.stalledUntil > this.now) {
      // after its late timers
      this.#at(node.stalledUntil + 1, () => this.#handle(member, run))
    } else {
      run()
    }
  }

  #latency(one: MemberIndex, other: MemberIndex): number {
    return 20 + (((one + other) * 7 + one * other) % 40)
  }

  #send(from: MemberIndex, to: MemberIndex, message: MembershipMessage): void {
    const node = this.node(from)
    if (!node.links.has(to)) {
      return
    }
    node.sent.set(message.type, (node.sent.get(message.type) ?? 0) + 1)
    node.bytes += sizeOf(message)
    this.#at(this.now + this.#latency(from, to), () => {
      if (this.connected(from, to) && this.node(to).links.has(from)) {
        this.#handle(to, () => this.node(to).machine.receive(from, message, this.now))
      }
    })
  }

  #dial(from: MemberIndex, to: MemberIndex): void {
    this.#at(this.now + 2 * this.#latency(from, to), () => {
      const other = this.node(to)
      if (!other.isUp || !this.connected(from, to)) {
        this.#handle(from, () => this.node(from).machine.linkDown(to, 'refused', this.now))
        return
      }
      this.node(from).links.add(to)
      other.links.add(from)
      this.#handle(to, () => other.machine.linkUp(from, this.now))
      this.#handle(from, () => this.node(from).machine.linkUp(to, this.now))
    })
  }

  #unlink(from: MemberIndex, to: MemberIndex): void {
    this.node(from).links.delete(to)
    const other = this.node(to)
    if (other.links.delete(from)) {
      this.#at(this.now + this.#latency(from, to), () =>
        this.#handle(to, () => other.machine.linkDown(from, 'closed', this.now))
      )
    }
  }
}

function isLive(status: string | undefined): boolean {
  return status === 'alive' || status === 'suspect'
}

/** About as many bytes as on the wire. */
export function sizeOf(message: MembershipMessage): number {
  const overhead = 80
  const ids = 'ids' in message ? message.ids.length * 8 : 0
  const claims = 'claims' in message ? message.claims.reduce((sum, { bytes }) => sum + bytes, 0) : 0
  const buckets = 'buckets' in message ? message.buckets.length * 4 : 0
  return overhead + ids + claims + buckets + 8
}
