import { setTimeout as sleep } from 'node:timers/promises'
import type { Host as HostProcess } from './host.ts'
import { Host } from './host.ts'
import type { Answers, NodeAddress, Seen } from './orders.ts'

/** How often the bench looks whether everybody knows: it costs each process some work. */
const LOOK_MS = 500

const JOIN_TRIES = 10
const JOINS_AT_ONCE = 10

/** The machine may be slow: the next newcomers come after so long, whoever is not known by all yet. */
const BATCH_MS = 30_000

/** A node and the process it is in. */
export interface Member {
  readonly host: HostProcess
  readonly index: number
  readonly address: NodeAddress
}

export interface ClusterInit {
  readonly members: number
  /** Nodes in one process; those that things happen to have one of their own. */
  readonly perProcess: number
  /** Members that have a process of their own from the beginning. */
  readonly alone: number
  readonly profile: string
}

/** Real nodes in several processes, which know each other. */
export class Cluster {
  readonly members: Member[] = []
  /** How long dials of newcomers took. */
  readonly dialsMs: number[] = []
  readonly #profile: string
  /** All that was seen and not asked for yet. */
  #seen: Seen[] = []

  private constructor(profile: string) {
    this.#profile = profile
  }

  static async start({ members, perProcess, alone, profile }: ClusterInit): Promise<Cluster> {
    const cluster = new Cluster(profile)
    for (let left = members - alone; left > 0; left -= perProcess) {
      cluster.#add(await Host.start(Math.min(left, perProcess), profile))
    }
    for (let n = 0; n < alone; n++) {
      cluster.#add(await Host.start(1, profile))
    }
    await cluster.#form()
    return cluster
  }

  get hosts(): readonly HostProcess[] {
    return [...new Set(this.members.map(({ host }) => host))]
  }

  /** Members whose process is theirs alone: they can be killed and stalled. */
  get single(): readonly Member[] {
    return this.members.filter(({ host }) => host.nodes.length === 1)
  }

  /** How many others each member holds alive. */
  async alive(): Promise<readonly number[]> {
    return (await this.#live()).map(({ alive }) => alive)
  }

  /** Everybody holds all others alive, and suspects nobody: who is gone is dead for all. */
  async isRight(): Promise<boolean> {
    const others = this.members.length - 1
    return (await this.#live()).every(({ alive, suspected }) => alive === others && suspected === 0)
  }

  /** Everybody holds all others alive. */
  async isWhole(): Promise<boolean> {
    return this.#know(this.members.length)
  }

  async untilWhole(mostMs: number): Promise<boolean> {
    return this.#until(async () => this.isWhole(), mostMs)
  }

  /** Wait until `passes` is true of all that was seen since the last `take()`. */
  async untilSeen(passes: (seen: readonly Seen[]) => boolean, mostMs: number): Promise<readonly Seen[]> {
    await this.#until(async () => {
      await this.#collect()
      return passes(this.#seen)
    }, mostMs)
    return this.#seen
  }

  /** All that was seen since the last time. */
  async take(): Promise<readonly Seen[]> {
    await this.#collect()
    const seen = this.#seen
    this.#seen = []
    return seen
  }

  /** A new node in a process of its own, that nobody knows yet. */
  async spawn(): Promise<Member> {
    const host = await Host.start(1, this.#profile)
    const address = host.nodes[0]
    if (address === undefined) {
      throw new Error('a process without a node')
    }
    return { host, index: 0, address }
  }

  /** It joins through a random member. Resolves with the moment before its dial. */
  async admit(member: Member): Promise<number> {
    const contact = this.members[Math.floor(Math.random() * this.members.length)]
    if (contact === undefined) {
      throw new Error('nobody to join')
    }
    const { at, dialMs } = await join(member, contact)
    this.dialsMs.push(dialMs)
    this.members.push(member)
    return at
  }

  /** It is not one of us any more; whoever ends it does it after this. */
  forget(member: Member): void {
    this.members.splice(this.members.indexOf(member), 1)
  }

  async connections(): Promise<{ opened: number; answered: number; links: number[]; rttMs: number[] }> {
    const answers = await Promise.all(this.hosts.map(async (host) => host.ask<'collect'>({ type: 'collect' })))
    this.#seen.push(...answers.flatMap(({ seen }) => seen))
    return {
      opened: answers.reduce((sum, { opened }) => sum + opened, 0),
      answered: answers.reduce((sum, { answered }) => sum + answered, 0),
      links: answers.flatMap(({ links }) => links),
      rttMs: answers.flatMap(({ rttMs }) => rttMs)
    }
  }

  end(): void {
    for (const host of this.hosts) {
      host.end()
    }
  }

  /**
   * Some at once, since each newcomer alone changes the links of all before it; and not all at once: a hundred nodes make
   * 1,600 connections, for which two cores need most of a minute, and in that minute everybody would be late for everybody.
   */
  async #form(): Promise<void> {
    const joins = [...this.members.entries()].map(([place, member]) => ({ member, place }))
    for (let from = 1; from < joins.length; from += JOINS_AT_ONCE) {
      await Promise.all(
        joins.slice(from, from + JOINS_AT_ONCE).map(async ({ member, place }) => {
          const contact = this.members[Math.floor(Math.random() * Math.min(place, Math.max(1, from)))]
          if (contact !== undefined) {
            await join(member, contact)
          }
        })
      )
      const present = Math.min(joins.length, from + JOINS_AT_ONCE)
      await this.#until(async () => this.#know(present), BATCH_MS)
    }
  }

  /** Whether the first so many members hold each other alive. */
  async #know(present: number): Promise<boolean> {
    return (await this.alive()).slice(0, present).every((count) => count >= present - 1)
  }

  #add(host: HostProcess): void {
    this.members.push(...host.nodes.map((address, index) => ({ host, index, address })))
  }

  async #live(): Promise<Answers['live']> {
    return (await Promise.all(this.hosts.map(async (host) => host.ask<'live'>({ type: 'live' })))).flat()
  }

  async #collect(): Promise<void> {
    await this.connections()
  }

  async #until(done: () => Promise<boolean>, mostMs: number): Promise<boolean> {
    const end = performance.now() + mostMs
    while (!(await done())) {
      if (performance.now() > end) {
        return false
      }
      await sleep(LOOK_MS)
    }
    return true
  }
}

/** A machine that is busy lets a handshake time out now and then: the last try counts. */
async function join(member: Member, contact: Member): Promise<{ at: number; dialMs: number }> {
  for (let triesLeft = JOIN_TRIES - 1; ; triesLeft--) {
    try {
      return await member.host.ask<'join'>({ type: 'join', node: member.index, address: contact.address.address })
    } catch (error) {
      if (triesLeft === 0) {
        throw error
      }
      await sleep(LOOK_MS)
    }
  }
}
