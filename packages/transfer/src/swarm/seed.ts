import { Bitfield, toRanges } from './bitfield.ts'
import type { Range } from './bitfield.ts'
import type { PeerKey } from './leech.ts'
import { Rate } from './rate.ts'
import { OFFER_WINDOW, windowBytes } from './window.ts'

/** What the upload side wants said. */
export interface SeedEffect {
  readonly type: 'have' | 'offer'
  readonly peer: PeerKey
  readonly ranges: readonly Range[]
}

export interface SeedInit {
  readonly leafCount: number
  leafBytes(leaf: number): number
  /** Canonical leaves held when the machine is made. */
  readonly have: Bitfield
  /** Where the first pass begins, in `[0, leafCount)`: seeders of one share start apart. */
  readonly firstOffer: number
}

/** An offer that led to nothing for this long goes to somebody else. */
export const OFFER_TIMEOUT_MS = 10_000
/** With nothing announced and nothing asked for this long, the first pass is over, whatever is missing. */
export const REVEAL_IDLE_MS = 3000

interface Receiver {
  readonly wants: Bitfield
  readonly have: Bitfield
  readonly rate: Rate
  revealed: boolean
  /** Offered and neither announced nor passed: leaf -> when. */
  readonly outstanding: Map<number, number>
  outstandingBytes: number
  /** Leaves offered to it that too few others have yet. */
  unrelayed: number
  lastOfferAt: number
}

/**
 * The upload side of one share: who is shown what (SPEC.md#uploading). A node that held everything from the start
 * offers each leaf to one receiver only, and shows its whole map when every wanted leaf was announced by somebody:
 * once-only seeding, swarm.md's S1 and S2. A node that is still fetching shows all it has. Pure: effects are returned.
 */
export class Seed {
  readonly #init: SeedInit
  readonly #have: Bitfield
  /** Decides once: a leecher that completes stays a plain uploader. */
  readonly #onceOnly: boolean
  readonly #receivers = new Map<PeerKey, Receiver>()
  readonly #announced: Uint16Array
  readonly #wantedBy: Uint16Array
  readonly #offeredTo = new Map<number, PeerKey>()
  /** Offered once, came back: offered again before anything new. */
  readonly #returned = new Set<number>()
  readonly #passedBy = new Map<number, Set<PeerKey>>()
  /** Leaves somebody wants and nobody announced. */
  #unannounced = 0
  #cursor: number
  #scanned = 0
  #lastActivityAt = 0

  constructor(init: SeedInit) {
    this.#init = init
    this.#have = init.have
    this.#onceOnly = init.have.count === init.leafCount
    this.#announced = new Uint16Array(init.leafCount)
    this.#wantedBy = new Uint16Array(init.leafCount)
    this.#cursor = init.firstOffer % Math.max(init.leafCount, 1)
  }

  get onceOnly(): boolean {
    return this.#onceOnly
  }

  peerJoined(peer: PeerKey, now: number): SeedEffect[] {
    this.#receivers.set(peer, {
      wants: new Bitfield(this.#init.leafCount),
      have: new Bitfield(this.#init.leafCount),
      rate: new Rate(now),
      revealed: !this.#onceOnly,
      outstanding: new Map(),
      outstandingBytes: 0,
      unrelayed: 0,
      lastOfferAt: 0
    })
    this.#lastActivityAt = now
    return this.#onceOnly ? [] : haveAll(peer, this.#have)
  }

  peerLeft(peer: PeerKey, now: number): SeedEffect[] {
    const receiver = this.#receivers.get(peer)
    if (receiver === undefined) {
      return []
    }
    this.#receivers.delete(peer)
    for (const leaf of receiver.outstanding.keys()) {
      this.#takeBack(leaf)
    }
    this.#count(receiver.have, this.#announced, -1)
    this.#count(receiver.wants, this.#wantedBy, -1)
    this.#recountUnannounced()
    return this.#proceed(now)
  }

  /** Replaces what the peer said it wants before. */
  onWant(peer: PeerKey, wants: Bitfield, now: number): SeedEffect[] {
    const receiver = this.#receivers.get(peer)
    if (receiver === undefined) {
      return []
    }
    this.#count(receiver.wants, this.#wantedBy, -1)
    this.#receivers.set(peer, { ...receiver, wants })
    this.#count(wants, this.#wantedBy, 1)
    this.#recountUnannounced()
    this.#scanned = 0
    this.#lastActivityAt = now
    return this.#proceed(now)
  }

  /** The peer announced leaves (canonical indices). */
  onHave(peer: PeerKey, leaves: Iterable<number>, now: number): SeedEffect[] {
    const receiver = this.#receivers.get(peer)
    if (receiver === undefined) {
      return []
    }
    for (const leaf of leaves) {
      if (receiver.have.set(leaf)) {
        this.#announce(leaf)
        if (this.#settle(leaf, receiver)) {
          receiver.rate.add(this.#init.leafBytes(leaf), now)
        }
      }
    }
    this.#lastActivityAt = now
    return this.#proceed(now)
  }

  onPass(peer: PeerKey, leaves: Iterable<number>, now: number): SeedEffect[] {
    const receiver = this.#receivers.get(peer)
    if (receiver === undefined) {
      return []
    }
    for (const leaf of leaves) {
      if (receiver.outstanding.has(leaf)) {
        this.#settle(leaf, receiver)
        this.#passed(leaf, peer)
      }
    }
    return this.#proceed(now)
  }

  /** The peer asked for leaves, or took bytes: it is at work. */
  onProgress(peer: PeerKey, now: number): void {
    this.#lastActivityAt = now
    const receiver = this.#receivers.get(peer)
    for (const leaf of receiver?.outstanding.keys() ?? []) {
      receiver?.outstanding.set(leaf, now)
    }
  }

  /** This node verified and stored a leaf. */
  onStored(leaves: readonly number[]): SeedEffect[] {
    for (const leaf of leaves) {
      this.#have.set(leaf)
    }
    const effects: SeedEffect[] = []
    for (const [peer, receiver] of this.#receivers) {
      if (receiver.revealed) {
        effects.push({ type: 'have', peer, ranges: toRanges(leaves) })
      }
    }
    return effects
  }

  /** Called a few times a second: offers that led nowhere, and a first pass that does not end. */
  tick(now: number): SeedEffect[] {
    for (const [peer, receiver] of this.#receivers) {
      for (const [leaf, at] of receiver.outstanding) {
        if (now - at >= OFFER_TIMEOUT_MS) {
          this.#settle(leaf, receiver)
          this.#passed(leaf, peer)
        }
      }
    }
    if (this.#onceOnly && now - this.#lastActivityAt >= REVEAL_IDLE_MS) {
      return this.#reveal()
    }
    return this.#proceed(now)
  }

  #proceed(now: number): SeedEffect[] {
    if (!this.#onceOnly) {
      return []
    }
    return this.#unannounced === 0 ? this.#reveal() : this.#offer(now)
  }

  #reveal(): SeedEffect[] {
    const effects: SeedEffect[] = []
    for (const [peer, receiver] of this.#receivers) {
      if (!receiver.revealed && receiver.wants.count > 0) {
        receiver.revealed = true
        effects.push(...haveAll(peer, this.#have))
      }
    }
    return effects
  }

  #offer(now: number): SeedEffect[] {
    const offers = new Map<PeerKey, number[]>()
    for (let leaf = this.#next(); leaf !== undefined; leaf = this.#next()) {
      const chosen = this.#receiverFor(leaf, now)
      if (chosen === undefined) {
        if (this.#somebodyCouldTake(leaf)) {
          break // it is this leaf's turn as soon as a window has room
        }
        this.#skip(leaf)
        continue
      }
      this.#skip(leaf)
      const [peer, receiver] = chosen
      this.#offeredTo.set(leaf, peer)
      receiver.outstanding.set(leaf, now)
      receiver.outstandingBytes += this.#init.leafBytes(leaf)
      receiver.unrelayed++
      receiver.lastOfferAt = now
      const leaves = offers.get(peer)
      if (leaves === undefined) {
        offers.set(peer, [leaf])
      } else {
        leaves.push(leaf)
      }
    }
    return [...offers].map(([peer, leaves]) => ({ type: 'offer', peer, ranges: toRanges(leaves) }))
  }

  /** The next leaf to offer: one that came back, else the next in order that nobody announced or was offered. */
  #next(): number | undefined {
    for (const leaf of this.#returned) {
      if (this.#announced[leaf] === 0) {
        return leaf
      }
      this.#returned.delete(leaf)
    }
    while (this.#scanned < this.#init.leafCount) {
      const leaf = this.#cursor
      if (this.#announced[leaf] === 0 && this.#wantedBy[leaf] !== 0 && !this.#offeredTo.has(leaf)) {
        return leaf
      }
      this.#advance()
    }
    return undefined
  }

  #skip(leaf: number): void {
    if (!this.#returned.delete(leaf)) {
      this.#advance()
    }
  }

  #advance(): void {
    this.#cursor = (this.#cursor + 1) % this.#init.leafCount
    this.#scanned++
  }

  #receiverFor(leaf: number, now: number): [PeerKey, Receiver] | undefined {
    let best: [PeerKey, Receiver] | undefined
    for (const [peer, receiver] of this.#receivers) {
      if (!this.#wouldTake(leaf, peer, receiver) || !hasRoom(receiver, now)) {
        continue
      }
      if (best === undefined || before(receiver, best[1])) {
        best = [peer, receiver]
      }
    }
    return best
  }

  #wouldTake(leaf: number, peer: PeerKey, receiver: Receiver): boolean {
    return receiver.wants.has(leaf) && !receiver.have.has(leaf) && this.#passedBy.get(leaf)?.has(peer) !== true
  }

  #somebodyCouldTake(leaf: number): boolean {
    return [...this.#receivers].some(([peer, receiver]) => this.#wouldTake(leaf, peer, receiver))
  }

  #announce(leaf: number): void {
    const before = this.#announced[leaf] ?? 0
    this.#announced[leaf] = before + 1
    if (before === 0 && this.#wantedBy[leaf] !== 0) {
      this.#unannounced--
    }
    const offeree = this.#offeredTo.get(leaf)
    const enough = Math.max(2, 1 + Math.ceil((this.#receivers.size - 1) / 2))
    if (offeree !== undefined && before + 1 >= Math.min(enough, this.#receivers.size)) {
      this.#offeredTo.delete(leaf)
      const receiver = this.#receivers.get(offeree)
      if (receiver !== undefined) {
        receiver.unrelayed = Math.max(0, receiver.unrelayed - 1)
      }
    }
  }

  #settle(leaf: number, receiver: Receiver): boolean {
    if (!receiver.outstanding.delete(leaf)) {
      return false
    }
    receiver.outstandingBytes -= this.#init.leafBytes(leaf)
    return true
  }

  #passed(leaf: number, peer: PeerKey): void {
    const passers = this.#passedBy.get(leaf) ?? new Set()
    this.#passedBy.set(leaf, passers.add(peer))
    const receiver = this.#receivers.get(peer)
    if (receiver !== undefined) {
      receiver.unrelayed = Math.max(0, receiver.unrelayed - 1)
    }
    this.#takeBack(leaf)
  }

  #takeBack(leaf: number): void {
    this.#offeredTo.delete(leaf)
    if (this.#announced[leaf] === 0) {
      this.#returned.add(leaf)
    }
  }

  #count(field: Bitfield, counts: Uint16Array, by: 1 | -1): void {
    for (const { start, count } of field.ranges()) {
      for (let leaf = start; leaf < start + count; leaf++) {
        counts[leaf] = (counts[leaf] ?? 0) + by
      }
    }
  }

  #recountUnannounced(): void {
    let unannounced = 0
    for (let leaf = 0; leaf < this.#init.leafCount; leaf++) {
      if (this.#wantedBy[leaf] !== 0 && this.#announced[leaf] === 0) {
        unannounced++
      }
    }
    this.#unannounced = unannounced
  }
}

function hasRoom(receiver: Receiver, now: number): boolean {
  return (
    receiver.outstanding.size < OFFER_WINDOW.maxLeaves &&
    (receiver.outstanding.size === 0 ||
      receiver.outstandingBytes < windowBytes(OFFER_WINDOW, receiver.rate.perSecond(now)))
  )
}

/** swarm.md's `offerTo`: fewest unrelayed first, then the one offered to longest ago. */
function before(a: Receiver, b: Receiver): boolean {
  return a.unrelayed !== b.unrelayed ? a.unrelayed < b.unrelayed : a.lastOfferAt < b.lastOfferAt
}

function haveAll(peer: PeerKey, have: Bitfield): SeedEffect[] {
  return have.count > 0 ? [{ type: 'have', peer, ranges: [...have.ranges()] }] : []
}
