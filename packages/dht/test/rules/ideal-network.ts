import { seededRandom } from '@p2pshare/testkit'
import type { Random } from '@p2pshare/testkit'
import { commonPrefix, distanceOf } from '../../src/rules/position.ts'
import type { Contact, Position } from '../../src/rules/position.ts'
import { Lookup } from '../../src/rules/lookup.ts'
import type { Ask, LookupInit } from '../../src/rules/lookup.ts'

export interface Peer extends Contact {
  readonly fate: 'answers' | 'dead' | 'silent' | 'sybil'
}

const K = 20

/** Nodes with buckets of 20 random contacts a prefix length; Sybils know only each other. */
export class IdealNetwork {
  readonly random: Random
  readonly peers: Peer[]
  readonly #tables = new Map<string, readonly Peer[][]>()

  constructor(seed: string, honest: number, fates: { dead?: number; silent?: number } = {}) {
    this.random = seededRandom(seed)
    this.peers = Array.from({ length: honest }, (_, at) => {
      const draw = this.random.float()
      const dead = fates.dead ?? 0
      const fate = draw < dead ? 'dead' : draw < dead + (fates.silent ?? 0) ? 'silent' : 'answers'
      return { key: `p${at}`, position: this.position(), fate }
    })
  }

  position(): Position {
    return { high: this.random.uint32(), low: this.random.uint32() }
  }

  /** `count` ids nearer to `target` than every honest one. */
  placeSybils(target: Position, count: number): void {
    const nearest = Math.min(...this.peers.map(({ position }) => distanceOf(position, target)))
    const span = Math.max(1, Math.floor(nearest * 2 ** 32))
    for (let at = 0; at < count; at++) {
      const high = (target.high ^ this.random.int(span)) >>> 0
      this.peers.push({ key: `s${at}`, position: { high, low: this.random.uint32() }, fate: 'sybil' })
    }
    this.#tables.clear()
  }

  honestNearest(target: Position, count: number): Peer[] {
    return nearest(
      this.peers.filter(({ fate }) => fate === 'answers'),
      target,
      count
    )
  }

  /** The `K` nearest to `target` that `peer` knows. */
  known(peer: Peer, target: Position): Peer[] {
    if (peer.fate === 'sybil') {
      return nearest(
        this.peers.filter(({ fate }) => fate === 'sybil'),
        target,
        K
      )
    }
    return nearest(this.#table(peer).flat(), target, K)
  }

  #table(peer: Peer): readonly Peer[][] {
    let table = this.#tables.get(peer.key)
    if (table === undefined) {
      const buckets = Array.from({ length: 65 }, (): Peer[] => [])
      for (const other of this.peers) {
        if (other !== peer) {
          buckets[commonPrefix(other.position, peer.position)]?.push(other)
        }
      }
      table = buckets.map((bucket) => (bucket.length <= K ? bucket : this.random.shuffle(bucket).slice(0, K)))
      this.#tables.set(peer.key, table)
    }
    return table
  }

  /** Drive one lookup to its end; every request takes one turn, the silent ones are slow for three and then fail. */
  run(
    self: Peer,
    init: Omit<LookupInit<Peer>, 'seeds' | 'seedsNear'>,
    onAnswer: (peer: Peer) => boolean = () => false
  ): { lookup: Lookup<Peer>; messages: number; holders: Set<Peer>; found: boolean } {
    const lookup = new Lookup<Peer>({
      ...init,
      seeds: this.known(self, init.target),
      seedsNear: (position) => this.known(self, position)
    })
    const holders = new Set<Peer>()
    const late: { ask: Ask<Peer>; turns: number }[] = []
    let messages = 0
    for (let turn = 0; turn < 2_000; turn++) {
      const { asks, puts, isDone } = lookup.step()
      if (isDone) {
        return { lookup, messages, holders, found: false }
      }
      messages += asks.length + puts.length
      for (const peer of puts) {
        if (peer.fate === 'answers' || peer.fate === 'sybil') {
          holders.add(peer)
          lookup.acked(peer)
        } else {
          lookup.refused(peer)
        }
      }
      for (const ask of asks) {
        const { contact, target } = ask
        if (contact.fate === 'dead') {
          lookup.failed(ask)
        } else if (contact.fate === 'silent') {
          lookup.slow(ask)
          late.push({ ask, turns: 3 })
        } else {
          if (onAnswer(contact)) {
            return { lookup, messages, holders, found: true }
          }
          lookup.answered(
            ask,
            this.known(contact, target).filter((peer) => peer !== self)
          )
        }
      }
      late.forEach((each) => {
        if (--each.turns === 0) {
          lookup.failed(each.ask)
        }
      })
    }
    throw new RangeError('the lookup does not end')
  }
}

export function nearest(peers: readonly Peer[], target: Position, count: number): Peer[] {
  return [...peers].sort((a, b) => distanceOf(a.position, target) - distanceOf(b.position, target)).slice(0, count)
}
