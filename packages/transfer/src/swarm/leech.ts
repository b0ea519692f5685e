import { Bitfield, toRanges } from './bitfield.ts'
import type { Range } from './bitfield.ts'
import { findSpare } from './endgame.ts'
import { Picker } from './picker.ts'
import { MAX_OFFERS, Source } from './source.ts'

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

/** Wrong leaves after which a peer is not asked again, over all its sessions. */
export const MAX_WRONG_LEAVES = 3
/** Peers whose wrong leaves are remembered when they leave; the oldest is forgotten first. */
export const MAX_REMEMBERED_PEERS = 1024
/** How long a peer that stalled is left alone. */
export const SNUB_MS = 15_000
/** How long one that said it is busy is left alone. */
export const BUSY_PAUSE_MS = 1500
/** Stalls in a row, with no leaf in between, after which a peer is dropped. */
export const MAX_STALLS = 3
/** Bytes outstanding with all peers together; the bound on receive memory. */
export const MAX_IN_FLIGHT_BYTES = 48 * 1024 * 1024

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
  readonly #askedOf = new Map<number, readonly PeerKey[]>()
  /** Verified and on their way to the disk: still missing, but nobody is asked for them or blamed for them. */
  readonly #storing = new Set<number>()
  /** Peers that met the global bound; the next room is theirs, one after the other. */
  readonly #waiting = new Set<PeerKey>()
  readonly #wrong = new Map<PeerKey, number>()
  #inFlightBytes = 0

  constructor(init: LeechInit) {
    this.#init = init
    this.#picker = new Picker(init.leafCount, () => init.random())
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

  /** Whether something missing is on its way, or any connected peer is known to hold something that is. */
  get hasSource(): boolean {
    const busy = this.#askedOf.size > 0 || this.#storing.size > 0
    return busy || [...this.#sources.values()].some((source) => this.#picker.hasAny(source.have))
  }

  isMissing(leaf: number): boolean {
    return this.#missing.has(leaf)
  }

  /** Whether bytes of the leaf are still expected from the peer; not once it delivered all of them. */
  isAskedOf(leaf: number, peer: PeerKey): boolean {
    return !this.#storing.has(leaf) && (this.#sources.get(peer)?.isAsked(leaf) ?? false)
  }

  peerJoined(peer: PeerKey, now: number): void {
    if (!this.#sources.has(peer)) {
      const { leafCount } = this.#init
      this.#sources.set(peer, new Source(leafCount, (leaf) => this.#init.leafBytes(leaf), now))
    }
  }

  peerLeft(peer: PeerKey, now: number): LeechEffect[] {
    const source = this.#sources.get(peer)
    if (source === undefined) {
      return []
    }
    this.#sources.delete(peer)
    this.#waiting.delete(peer)
    for (const leaf of source.asked) {
      this.#unask(leaf, peer, source)
    }
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
    const passed: number[] = []
    for (const leaf of leaves) {
      if (this.#picker.isCandidate(leaf) && source.offered.size < MAX_OFFERS) {
        source.offered.add(leaf)
      } else if (!source.isAsked(leaf) && !source.offered.has(leaf)) {
        passed.push(leaf)
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
    const asked = effects.some((effect) => effect.type === 'request')
    return asked ? effects : [...effects, { type: 'pass', peer, ranges: [] }]
  }

  /** The peer will not send these. Unless it is only busy, it is not asked for them again. */
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
      source.pausedUntil = Math.max(source.pausedUntil, now + BUSY_PAUSE_MS)
    }
    return this.#fillAll(now)
  }

  onBytes(peer: PeerKey, bytes: number, now: number): void {
    this.#sources.get(peer)?.addBytes(bytes, now)
  }

  /** The leaf was verified and stored, wherever it came from. */
  onStored(leaf: number, now: number): LeechEffect[] {
    const delivered = this.#storing.delete(leaf)
    if (!this.#missing.clear(leaf)) {
      return []
    }
    this.#picker.remove(leaf)
    const peers = this.#askedOf.get(leaf) ?? []
    this.#askedOf.delete(leaf)
    const effects: LeechEffect[] = []
    for (const peer of peers) {
      this.#settle(leaf, this.#sources.get(peer))
      if (!delivered) {
        effects.push({ type: 'cancel', peer, leaves: [leaf] })
      }
    }
    effects.push(...this.#fillWaiting(now))
    for (const peer of peers) {
      const source = this.#sources.get(peer)
      effects.push(...(source === undefined ? [] : this.#fill(peer, source, now)))
    }
    return effects
  }

  /** The peer delivered the whole leaf and it is right; a second source of it is told to stop. */
  onDelivered(leaf: number, peer: PeerKey): LeechEffect[] {
    if (!this.#missing.has(leaf)) {
      return []
    }
    this.#storing.add(leaf)
    this.#picker.remove(leaf)
    const deliverer = this.#sources.get(peer)
    if (deliverer !== undefined) {
      deliverer.stalls = 0
    }
    const others = (this.#askedOf.get(leaf) ?? []).filter((other) => other !== peer)
    return others.map((other) => {
      this.#unask(leaf, other, this.#sources.get(other))
      return { type: 'cancel', peer: other, leaves: [leaf] }
    })
  }

  /**
   * What the peer sent did not hash to the leaf. It is asked of others, or of the same peer when nobody else has it: a
   * liar should show itself soon. After `MAX_WRONG_LEAVES` the peer goes.
   */
  onWrong(leaf: number, peer: PeerKey, now: number): LeechEffect[] {
    const source = this.#sources.get(peer)
    if (source === undefined) {
      return []
    }
    this.#unask(leaf, peer, source)
    if (this.#countWrong(peer) >= MAX_WRONG_LEAVES) {
      return [{ type: 'drop', peer, reason: 'wrong-bytes' }, ...this.peerLeft(peer, now)]
    }
    // the others first: this one goes to the end of the line
    this.#sources.delete(peer)
    this.#sources.set(peer, source)
    return this.#fillAll(now)
  }

  /** Called a few times a second: stalls, the end game, and peers whose pause is over. */
  tick(now: number): LeechEffect[] {
    const effects: LeechEffect[] = []
    for (const [peer, source] of [...this.#sources]) {
      if (source.isStalled(this.#storing, now)) {
        effects.push(...this.#snub(peer, source, now))
      }
    }
    return [...effects, ...this.#fillAll(now)]
  }

  #snub(peer: PeerKey, source: Source, now: number): LeechEffect[] {
    source.stalls++
    if (source.stalls >= MAX_STALLS) {
      return [{ type: 'drop', peer, reason: 'stalled' }, ...this.peerLeft(peer, now)]
    }
    const leaves = source.asked.filter((leaf) => !this.#storing.has(leaf))
    for (const leaf of leaves) {
      this.#unask(leaf, peer, source)
    }
    const passed = [...source.offered]
    source.offered.clear()
    source.pausedUntil = now + SNUB_MS
    return [{ type: 'cancel', peer, leaves }, ...pass(peer, passed)]
  }

  #countWrong(peer: PeerKey): number {
    const wrong = (this.#wrong.get(peer) ?? 0) + 1
    this.#wrong.set(peer, wrong)
    const [oldest] = this.#wrong.keys()
    if (this.#wrong.size > MAX_REMEMBERED_PEERS && oldest !== undefined) {
      this.#wrong.delete(oldest)
    }
    return wrong
  }

  #fillAll(now: number): LeechEffect[] {
    const effects = this.#fillWaiting(now)
    for (const [peer, source] of this.#sources) {
      effects.push(...this.#fill(peer, source, now))
    }
    return effects
  }

  /** Those that met the global bound, the longest waiting first, until it is met again. */
  #fillWaiting(now: number): LeechEffect[] {
    const effects: LeechEffect[] = []
    for (const peer of [...this.#waiting]) {
      const source = this.#sources.get(peer)
      this.#waiting.delete(peer)
      effects.push(...(source === undefined ? [] : this.#fill(peer, source, now)))
      if (this.#waiting.has(peer)) {
        break
      }
    }
    return effects
  }

  /** Ask a peer for as much as its window and the global bound allow: offered leaves first, then the rarest. */
  #fill(peer: PeerKey, source: Source, now: number, max = Infinity): LeechEffect[] {
    if (now < source.pausedUntil || this.#waiting.has(peer)) {
      return []
    }
    const leaves: number[] = []
    const passed: number[] = []
    while (leaves.length < max && source.hasRoom(now)) {
      const leaf = this.#pickFor(source, passed)
      if (leaf === undefined || !source.fits(leaf)) {
        break
      }
      if (this.#inFlightBytes + this.#init.leafBytes(leaf) > MAX_IN_FLIGHT_BYTES) {
        this.#waiting.add(peer)
        break
      }
      this.#ask(leaf, peer, source, now)
      leaves.push(leaf)
    }
    const idle = source.inFlight === 0 && this.#picker.size === 0 && this.#missing.count > 0
    return [
      ...(leaves.length > 0 ? [{ type: 'request' as const, peer, leaves }] : []),
      ...(idle ? this.#endgame(peer, source, now) : []),
      ...pass(peer, passed)
    ]
  }

  /** Offers that somebody else fills meanwhile are met and added to `passed`. */
  #pickFor(source: Source, passed: number[]): number | undefined {
    for (const leaf of source.offered) {
      if (this.#picker.isCandidate(leaf)) {
        return leaf
      }
      source.offered.delete(leaf)
      if (!source.isAsked(leaf)) {
        passed.push(leaf)
      }
    }
    return this.#picker.pick(source.have)
  }

  /** Nothing is left to ask for and this peer is idle: it takes something over from a slow one. */
  #endgame(peer: PeerKey, source: Source, now: number): LeechEffect[] {
    const askedOf = (leaf: number): number => this.#askedOf.get(leaf)?.length ?? 0
    const spare = findSpare({ sources: this.#sources, askedOf, arrived: this.#storing }, source, now)
    if (spare === undefined || this.#inFlightBytes + this.#init.leafBytes(spare.leaf) > MAX_IN_FLIGHT_BYTES) {
      return []
    }
    const effects: LeechEffect[] = []
    if (!spare.started) {
      this.#unask(spare.leaf, spare.peer, this.#sources.get(spare.peer))
      effects.push({ type: 'cancel', peer: spare.peer, leaves: [spare.leaf] })
    }
    this.#ask(spare.leaf, peer, source, now)
    return [...effects, { type: 'request', peer, leaves: [spare.leaf] }]
  }

  #ask(leaf: number, peer: PeerKey, source: Source, now: number): void {
    this.#picker.remove(leaf)
    source.ask(leaf, now)
    this.#inFlightBytes += this.#init.leafBytes(leaf)
    this.#askedOf.set(leaf, [...(this.#askedOf.get(leaf) ?? []), peer])
  }

  #settle(leaf: number, source: Source | undefined): void {
    if (source?.settle(leaf) === true) {
      this.#inFlightBytes -= this.#init.leafBytes(leaf)
    }
  }

  /** Take a leaf back from a peer; it is a candidate again when nobody else was asked. */
  #unask(leaf: number, peer: PeerKey, source: Source | undefined): void {
    this.#settle(leaf, source)
    const others = (this.#askedOf.get(leaf) ?? []).filter((asked) => asked !== peer)
    if (others.length > 0) {
      this.#askedOf.set(leaf, others)
      return
    }
    this.#askedOf.delete(leaf)
    if (this.#missing.has(leaf) && !this.#storing.has(leaf)) {
      this.#picker.add(leaf)
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
