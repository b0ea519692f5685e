import type { MemberBrain, MemberLinkEnd } from './brain.ts'
import { ABORT, ACCEPT, CLOSED, DIAL_TIMEOUT, GIVEN_UP, LINK_UP, REFUSED, RESET } from './event-kinds.ts'
import { LinkTable, pairKey } from './link-table.ts'
import type { NetworkModel } from './network-model.ts'
import type { NodeTable } from './node-table.ts'

/** A dial that nobody answers is given up: the default of libp2p. */
const DIAL_TIMEOUT_MS = 10_000
/** A lost connection's peer is looked for this long. */
const REDIAL_TIMEOUT_MS = 2000
/** A connection over which nothing comes back is given up: monitor's pings and their patience. */
const ABORT_MS = 30_000
/** A connection stays this long after its last use; a link over it costs a round trip instead of a dial. */
const IDLE_MS = 60_000

/** What the life of links needs of the network. */
export interface LinkHost<Message> {
  readonly now: number
  readonly measuring: boolean
  readonly nodes: NodeTable
  readonly model: NetworkModel
  brain(node: number): MemberBrain<Message>
  /** After a call of the node's brain. */
  touch(node: number): void
  /** An event some time from now. */
  put(afterMs: number, kind: number, node: number, link: number): void
  /** An event for the other end, behind what was sent before it. */
  tell(link: number, from: number, to: number, kind: number): void
}

/** How links begin and end: dials, refusals, resets, and connections that are given up. */
export class LinkLife<Message> {
  /** Connections opened while it is measured. */
  opens = 0
  /** Dials while it is measured, those that found nobody included. */
  dials = 0
  readonly links: LinkTable
  readonly #host: LinkHost<Message>
  /** Connections without a link, by pair: when their last link was let go. */
  readonly #idle = new Map<number, number>()

  constructor(host: LinkHost<Message>) {
    this.#host = host
    this.links = new LinkTable(host.nodes.size)
  }

  /** Open a link, unless it is there or being opened. */
  open(from: number, to: number): void {
    const there = this.links.find(from, to) ?? this.#openingOf(from, to)
    if (from === to || there !== undefined) {
      if (there !== undefined) {
        this.links.want(there, from)
      }
      return
    }
    const { nodes, model, now } = this.#host
    const oneWayMs = model.oneWayMs(from, to)
    const link = this.links.begin(from, to, nodes.life(from), oneWayMs)
    this.links.want(link, from)
    const idleSince = this.#idle.get(pairKey(from, to))
    const isWarm = idleSince !== undefined && now - idleSince < IDLE_MS && nodes.isUp(to)
    this.#idle.delete(pairKey(from, to))
    if (this.#host.measuring && !isWarm) {
      this.dials++
      this.opens += nodes.isUp(to) && nodes.side(from) === nodes.side(to) ? 1 : 0
    }
    const dialMs = isWarm ? 2 * oneWayMs : model.dialMs(to, oneWayMs)
    this.#host.put(nodes.isUp(to) ? dialMs - oneWayMs : oneWayMs, ACCEPT, to, link)
    this.#host.put(DIAL_TIMEOUT_MS, DIAL_TIMEOUT, from, link)
  }

  close(from: number, to: number): void {
    const link = this.links.find(from, to)
    if (link !== undefined) {
      this.links.closeEnd(link, from)
      this.#idle.set(pairKey(from, to), this.#host.now)
      this.#host.tell(link, from, to, CLOSED)
      return
    }
    const begun = this.links.opening(from, to)
    if (begun !== undefined && this.links.opener(begun) === from) {
      // the other end is told when it answers
      this.links.settle(begun)
    }
  }

  /** The node ends: its ends are closed, and the others hear `kind`, or nothing until they give up. */
  end(node: number, kind: number): void {
    const { nodes } = this.#host
    for (const [peer, link] of this.links.endsOf(node)) {
      this.links.closeEnd(link, node)
      if (nodes.side(node) !== nodes.side(peer) || kind === ABORT) {
        this.#host.put(ABORT_MS, ABORT, peer, link)
      } else {
        this.#host.tell(link, node, peer, kind)
      }
    }
  }

  /** Connections between sides are given up after a while. */
  split(): void {
    const { nodes } = this.#host
    for (let node = 0; node < nodes.size; node++) {
      for (const [peer, link] of this.links.endsOf(node)) {
        if (nodes.side(node) !== nodes.side(peer)) {
          this.#host.put(ABORT_MS, ABORT, node, link)
        }
      }
    }
  }

  /** A process stands still for a while: connections to it are given up by those whose patience ends before. */
  stalled(node: number, ms: number, patienceMs: () => number): void {
    for (const [peer, link] of this.links.endsOf(node)) {
      const afterMs = patienceMs()
      if (afterMs < ms) {
        this.#host.put(afterMs, GIVEN_UP, peer, link)
      }
    }
  }

  /** Something of these kinds happens to a link, at `node`. */
  happen(kind: number, node: number, link: number): void {
    switch (kind) {
      case ACCEPT:
        this.#accept(node, link)
        return
      case LINK_UP:
        this.#opened(node, link)
        return
      case DIAL_TIMEOUT:
      case REFUSED:
        this.#notOpened(node, link, kind === REFUSED ? 'refused' : 'closed')
        return
      case CLOSED:
        this.#down(node, link, 'closed')
        return
      case ABORT:
        this.#abort(node, link)
        return
      case RESET:
        this.#reset(node, link)
        return
      case GIVEN_UP:
        this.#host.tell(link, node, this.links.other(link, node), CLOSED)
        this.#down(node, link, 'closed')
    }
  }

  /** Being opened by one of the two in the life that it is in. */
  #openingOf(a: number, b: number): number | undefined {
    const link = this.links.opening(a, b)
    return link !== undefined && this.#isSameLife(link) ? link : undefined
  }

  /** Its opener is still in the life in which it began. */
  #isSameLife(link: number): boolean {
    return this.links.openerLife(link) === this.#host.nodes.life(this.links.opener(link))
  }

  #accept(node: number, link: number): void {
    const { nodes, model } = this.#host
    const opener = this.links.opener(link)
    if (!this.#isSameLife(link) || nodes.side(node) !== nodes.side(opener)) {
      return
    }
    if (!nodes.isUp(node)) {
      if (model.refuses(node)) {
        this.#host.put(this.links.oneWayMs(link), REFUSED, opener, link)
      }
      return
    }
    const former = this.links.find(node, opener)
    if (former !== undefined) {
      // its former life, or a connection that this side does not know to be lost
      this.#down(node, former, 'closed')
    }
    this.links.openEnd(link, node)
    this.#host.tell(link, node, opener, LINK_UP)
    this.#host.brain(node).linkUp(opener, this.#host.now)
    this.#host.touch(node)
  }

  #opened(node: number, link: number): void {
    const peer = this.links.other(link, node)
    if (!this.#host.nodes.isUp(node) || !this.#isSameLife(link)) {
      this.#host.put(ABORT_MS, ABORT, peer, link)
    } else if (this.links.isOpening(link)) {
      this.links.settle(link)
      this.links.openEnd(link, node)
      this.#host.brain(node).linkUp(peer, this.#host.now)
      this.#host.touch(node)
    } else {
      this.#host.tell(link, node, peer, CLOSED)
    }
  }

  #notOpened(node: number, link: number, end: MemberLinkEnd): void {
    if (!this.links.isOpening(link)) {
      return
    }
    this.links.settle(link)
    if (this.#host.nodes.isUp(node) && this.#isSameLife(link)) {
      this.#host.brain(node).linkDown(this.links.other(link, node), end, this.#host.now)
      this.#host.touch(node)
    }
  }

  #down(node: number, link: number, end: MemberLinkEnd): void {
    if (!this.#host.nodes.isUp(node) || !this.links.isOpen(link, node)) {
      return
    }
    const peer = this.links.other(link, node)
    this.links.closeEnd(link, node)
    this.#host.brain(node).linkDown(peer, end, this.#host.now)
    this.#host.touch(node)
  }

  /** Given up, unless the other end turned out to be there. */
  #abort(node: number, link: number): void {
    const { nodes } = this.#host
    const peer = this.links.other(link, node)
    if (!this.links.isOpen(link, peer) || nodes.side(node) !== nodes.side(peer)) {
      this.#down(node, link, 'closed')
    }
  }

  /** The peer is gone without a goodbye: who asked for the link tries it again at once, and tells what the answer was. */
  #reset(node: number, link: number): void {
    const { nodes, model } = this.#host
    const peer = this.links.other(link, node)
    if (nodes.isUp(peer) || !this.links.isWanted(link, node)) {
      this.#down(node, link, 'closed')
    } else if (nodes.isUp(node) && this.links.isOpen(link, node)) {
      this.links.closeEnd(link, node)
      const redial = this.links.begin(node, peer, nodes.life(node), this.links.oneWayMs(link))
      this.links.want(redial, node)
      if (model.refuses(peer)) {
        this.#host.put(2 * this.links.oneWayMs(link), REFUSED, node, redial)
      } else {
        this.#host.put(REDIAL_TIMEOUT_MS, DIAL_TIMEOUT, node, redial)
      }
    }
  }
}
