import { Bitfield, toRanges } from './bitfield.ts'
import type { Range } from './bitfield.ts'
import { Picker } from './picker.ts'
import { Rate } from './rate.ts'
import { REQUEST_WINDOW, windowBytes } from './window.ts'

/** A peer in the swarm machines: its id as text, so that simulations need no keys. */
export type PeerKey = string

/** What the download side wants done. Leaves are canonical indices. */
export type LeechEffect =
  | { readonly type: 'request' | 'cancel'; readonly peer: PeerKey; readonly leaves: readonly number[] }
  | { readonly type: 'pass'; readonly peer: PeerKey; readonly ranges: readonly Range[] }
  | { readonly type: 'drop'; readonly peer: PeerKey; readonly reason: 'wrong-bytes' | 'stalled' }

export interface LeechInit {
  readonly leafCount: number
  leafBytes(leaf: number): number
  /** Canonical leaves that are wanted and not held. */
  readonly missing: Iterable<number>
  /** Uniform in [0, 1). */
  random(): number
}

/** Wrong leaves after which a peer is not asked again. */
export const MAX_WRONG_LEAVES = 3
/** A peer with requests outstanding that sends nothing for this long loses them. */
export const REQUEST_TIMEOUT_MS = 10_000
/** How long a peer that stalled is left alone. */
export const SNUB_MS = 15_000
/** Stalls in a row, with no byte in between, after which a peer is dropped. */
export const MAX_STALLS = 3
/** At the end, a request this old may be asked of a second peer too. */
export const ENDGAME_AFTER_MS = 1000
/** Bytes outstanding with all peers together; the bound on receive memory. */
export const MAX_IN_FLIGHT_BYTES = 48 * 1024 * 1024

interface Source {
  readonly have: Bitfield
  readonly rate: Rate
  /** Leaf -> when it was asked for. */
  readonly inFlight: Map<number, number>
  inFlightBytes: number
  /** Offered, wanted, waiting for room. */
  readonly offered: Set<number>
  wrong: number
  stalls: number
  lastByteAt: number
  snubbedUntil: number
}

/**
 * The download side of one share: which leaf is asked of whom, and when to ask again (SPEC.md#downloading). Rarest
 * first, one source a leaf until the end, shallow pipelines. Pure: time and randomness are passed in, effects returned.
 */
export class Leech {
  readonly #init: LeechInit
  readonly #picker: Picker
  readonly #missing: Bitfield
  readonly #sources = new Map<PeerKey, Source>()
  /** Leaf -> the peers it is asked of: one, or two at the end. */
  readonly #askedOf = new Map<number, PeerKey[]>()
  #inFlightBytes = 0

  constructor(init: LeechInit) {
    this.#init = init
    this.#picker = new Picker(init.leafCount, init.random)
    this.#missing = new Bitfield(init.leafCount)
    for (const leaf of init.missing) {
      this.#missing.set(leaf)
      this.#picker.add(leaf)
    }
  }

  /** Leaves still missing. */
  get missing(): number {
    return this.#missing.count
  }

  get inFlightBytes(): number {
    return this.#inFlightBytes
  }

  /** Whether any connected peer is known to hold something that is missing. */
  get hasSource(): boolean {
    return this.#askedOf.size > 0 || [...this.#sources.values()].some((source) => this.#pickFor(source) !== undefined)
  }

  isMissing(leaf: number): boolean {
    return this.#missing.has(leaf)
  }

  isAskedOf(leaf: number, peer: PeerKey): boolean {
    return this.#sources.get(peer)?.inFlight.has(leaf) ?? false
  }

  peerJoined(peer: PeerKey, now: number): void {
    this.#sources.set(peer, {
      have: new Bitfield(this.#init.leafCount),
      rate: new Rate(now),
      inFlight: new Map(),
      inFlightBytes: 0,
      offered: new Set(),
      wrong: 0,
      stalls: 0,
      lastByteAt: now,
      snubbedUntil: 0
    })
  }

  peerLeft(peer: PeerKey, now: number): LeechEffect[] {
    const source = this.#sources.get(peer)
    if (source === undefined) {
      return []
    }
    this.#release(peer, source)
    this.#sources.delete(peer)
    for (const { start, count } of source.have.ranges()) {
      for (let leaf = start; leaf < start + count; leaf++) {
        this.#picker.changeHolders(leaf, -1)
      }
    }
    return this.#fillAll(now)
  }

  /** The peer announced leaves (canonical indices). */
  onHave(peer: PeerKey, leaves: Iterable<number>, now: number): LeechEffect[] {
    const source = this.#sources.get(peer)
    if (source === undefined) {
      return []
    }
    this.#learn(source, leaves)
    return this.#fill(peer, source, now)
  }

  /** Each offered leaf is answered: asked for now or as soon as there is room, or passed. */
  onOffer(peer: PeerKey, leaves: readonly number[], now: number): LeechEffect[] {
    const source = this.#sources.get(peer)
    if (source === undefined) {
      return []
    }
    this.#learn(source, leaves)
    const passed = leaves.filter((leaf) => !this.#picker.isCandidate(leaf) && !source.inFlight.has(leaf))
    for (const leaf of leaves) {
      if (this.#picker.isCandidate(leaf)) {
        source.offered.add(leaf)
      }
    }
    return [...pass(peer, passed), ...this.#fill(peer, source, now)]
  }

  /** A grant is answered with up to `leaves` requests, or a PASS when there is nothing to ask for. */
  onGrant(peer: PeerKey, leaves: number, now: number): LeechEffect[] {
    const source = this.#sources.get(peer)
    if (source === undefined) {
      return []
    }
    const effects = this.#fill(peer, source, now, leaves)
    return effects.length > 0 ? effects : [{ type: 'pass', peer, ranges: [] }]
  }

  /** The peer will not send these; it is not asked for them again. */
  onReject(peer: PeerKey, leaves: readonly number[], now: number, busy: boolean): LeechEffect[] {
    const source = this.#sources.get(peer)
    if (source === undefined) {
      return []
    }
    for (const leaf of leaves) {
      this.#unask(leaf, peer, source)
      if (!busy) {
        this.#forget(source, leaf)
      }
    }
    if (busy) {
      source.snubbedUntil = now + SNUB_MS / 10
    }
    return this.#fillOthers(peer, now)
  }

  onBytes(peer: PeerKey, bytes: number, now: number): void {
    const source = this.#sources.get(peer)
    if (source !== undefined) {
      source.rate.add(bytes, now)
      source.lastByteAt = now
      source.stalls = 0
    }
  }

  /** The leaf was verified and stored, wherever it came from. */
  onStored(leaf: number, now: number): LeechEffect[] {
    if (!this.#missing.clear(leaf)) {
      return []
    }
    this.#picker.remove(leaf)
    const effects: LeechEffect[] = []
    for (const peer of this.#askedOf.get(leaf) ?? []) {
      const source = this.#sources.get(peer)
      if (source !== undefined) {
        this.#settle(leaf, source)
        effects.push(...this.#fill(peer, source, now))
      }
    }
    this.#askedOf.delete(leaf)
    return effects
  }

  /** The peer delivered the whole leaf; a second source of it is told to stop. */
  onDelivered(leaf: number, peer: PeerKey): LeechEffect[] {
    const effects: LeechEffect[] = []
    for (const other of this.#askedOf.get(leaf) ?? []) {
      const source = this.#sources.get(other)
      if (other !== peer && source !== undefined) {
        this.#unask(leaf, other, source)
        effects.push({ type: 'cancel', peer: other, leaves: [leaf] })
      }
    }
    return effects
  }

  /** What the peer sent did not hash to the leaf. It is asked of others; after `MAX_WRONG_LEAVES` the peer goes. */
  onWrong(leaf: number, peer: PeerKey, now: number): LeechEffect[] {
    const source = this.#sources.get(peer)
    if (source === undefined) {
      return []
    }
    this.#unask(leaf, peer, source)
    this.#forget(source, leaf)
    source.wrong++
    if (source.wrong >= MAX_WRONG_LEAVES) {
      return [{ type: 'drop', peer, reason: 'wrong-bytes' }, ...this.peerLeft(peer, now)]
    }
    return [...this.#fill(peer, source, now), ...this.#fillOthers(peer, now)]
  }

  /** Called a few times a second: stalls, the end game, and peers whose time-out is over. */
  tick(now: number): LeechEffect[] {
    const effects: LeechEffect[] = []
    for (const [peer, source] of [...this.#sources]) {
      if (source.inFlight.size > 0 && now - this.#quietSince(source) >= REQUEST_TIMEOUT_MS) {
        effects.push(...this.#snub(peer, source, now))
      }
    }
    return [...effects, ...this.#fillAll(now), ...this.#endgame(now)]
  }

  #quietSince(source: Source): number {
    const [oldest = source.lastByteAt] = source.inFlight.values()
    return Math.max(oldest, source.lastByteAt)
  }

  #snub(peer: PeerKey, source: Source, now: number): LeechEffect[] {
    const leaves = [...source.inFlight.keys()]
    this.#release(peer, source)
    source.stalls++
    source.snubbedUntil = now + SNUB_MS
    if (source.stalls >= MAX_STALLS) {
      return [{ type: 'drop', peer, reason: 'stalled' }, ...this.peerLeft(peer, now)]
    }
    return [{ type: 'cancel', peer, leaves }]
  }

  #endgame(now: number): LeechEffect[] {
    if (this.#picker.size > 0) {
      return []
    }
    const effects: LeechEffect[] = []
    for (const [peer, source] of this.#sources) {
      if (source.inFlight.size > 0 || now < source.snubbedUntil) {
        continue
      }
      const late = this.#latest(peer, source, now)
      if (late !== undefined) {
        this.#ask(late, peer, source, now)
        effects.push({ type: 'request', peer, leaves: [late] })
      }
    }
    return effects
  }

  /** The oldest leaf that is asked of one other peer and that this one holds. */
  #latest(peer: PeerKey, source: Source, now: number): number | undefined {
    let best: number | undefined
    let bestAt = now - ENDGAME_AFTER_MS
    for (const [leaf, peers] of this.#askedOf) {
      const [first] = peers
      if (first === undefined || peers.length > 1 || first === peer || !source.have.has(leaf)) {
        continue
      }
      const at = this.#sources.get(first)?.inFlight.get(leaf)
      if (at !== undefined && at <= bestAt) {
        best = leaf
        bestAt = at
      }
    }
    return best
  }

  #fillAll(now: number): LeechEffect[] {
    return [...this.#sources].flatMap(([peer, source]) => this.#fill(peer, source, now))
  }

  #fillOthers(except: PeerKey, now: number): LeechEffect[] {
    return [...this.#sources].flatMap(([peer, source]) => (peer === except ? [] : this.#fill(peer, source, now)))
  }

  /** Ask a peer for as much as its window and the global bound allow: offered leaves first, then the rarest. */
  #fill(peer: PeerKey, source: Source, now: number, max = Infinity): LeechEffect[] {
    if (now < source.snubbedUntil || this.#missing.count === 0) {
      return []
    }
    const window = windowBytes(REQUEST_WINDOW, source.rate.perSecond(now))
    const leaves: number[] = []
    while (
      leaves.length < max &&
      source.inFlight.size < REQUEST_WINDOW.maxLeaves &&
      (source.inFlightBytes < window || source.inFlight.size === 0) &&
      this.#inFlightBytes < MAX_IN_FLIGHT_BYTES
    ) {
      const leaf = this.#pickFor(source)
      if (leaf === undefined) {
        break
      }
      this.#ask(leaf, peer, source, now)
      leaves.push(leaf)
    }
    const passed = this.#dropStaleOffers(source)
    return [...(leaves.length > 0 ? [{ type: 'request' as const, peer, leaves }] : []), ...pass(peer, passed)]
  }

  #pickFor(source: Source): number | undefined {
    for (const leaf of source.offered) {
      if (this.#picker.isCandidate(leaf)) {
        return leaf
      }
    }
    return this.#picker.pick((leaf) => source.have.has(leaf))
  }

  /** Offers that somebody else filled meanwhile. */
  #dropStaleOffers(source: Source): number[] {
    const stale = [...source.offered].filter((leaf) => !this.#picker.isCandidate(leaf))
    for (const leaf of stale) {
      source.offered.delete(leaf)
    }
    return stale.filter((leaf) => !source.inFlight.has(leaf))
  }

  #ask(leaf: number, peer: PeerKey, source: Source, now: number): void {
    this.#picker.remove(leaf)
    source.offered.delete(leaf)
    source.inFlight.set(leaf, now)
    const bytes = this.#init.leafBytes(leaf)
    source.inFlightBytes += bytes
    this.#inFlightBytes += bytes
    this.#askedOf.set(leaf, [...(this.#askedOf.get(leaf) ?? []), peer])
  }

  #settle(leaf: number, source: Source): void {
    if (source.inFlight.delete(leaf)) {
      const bytes = this.#init.leafBytes(leaf)
      source.inFlightBytes -= bytes
      this.#inFlightBytes -= bytes
    }
  }

  /** Take a leaf back from a peer; it is a candidate again when nobody else was asked. */
  #unask(leaf: number, peer: PeerKey, source: Source): void {
    this.#settle(leaf, source)
    const others = (this.#askedOf.get(leaf) ?? []).filter((asked) => asked !== peer)
    if (others.length > 0) {
      this.#askedOf.set(leaf, others)
      return
    }
    this.#askedOf.delete(leaf)
    if (this.#missing.has(leaf)) {
      this.#picker.add(leaf)
    }
  }

  #release(peer: PeerKey, source: Source): void {
    source.offered.clear()
    for (const leaf of [...source.inFlight.keys()]) {
      this.#unask(leaf, peer, source)
    }
  }

  #learn(source: Source, leaves: Iterable<number>): void {
    for (const leaf of leaves) {
      if (source.have.set(leaf)) {
        this.#picker.changeHolders(leaf, 1)
      }
    }
  }

  #forget(source: Source, leaf: number): void {
    source.offered.delete(leaf)
    if (source.have.clear(leaf)) {
      this.#picker.changeHolders(leaf, -1)
    }
  }
}

function pass(peer: PeerKey, leaves: readonly number[]): LeechEffect[] {
  return leaves.length > 0 ? [{ type: 'pass', peer, ranges: toRanges(leaves) }] : []
}
