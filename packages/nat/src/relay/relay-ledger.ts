import type { PeerId } from '@libp2p/interface'
import { MAX_PEERS_METERED } from './constants.ts'

/** A transport that meters circuits carries its ledger as `transport[relayLedgerSymbol]`. */
export const relayLedgerSymbol = Symbol.for('@p2pshare/relay-ledger')

/** Bytes that went through relays, both directions, by the peer at the other end and by the relay. */
export class RelayLedger {
  readonly #peers = new Map<string, number>()
  readonly #relays = new Map<string, number>()
  #total = 0

  add(peer: string, relay: string, bytes: number): void {
    this.#total += bytes
    count(this.#peers, peer, bytes)
    count(this.#relays, relay, bytes)
  }

  /** With this peer, over any relay. */
  withPeer(peer: PeerId): number {
    return this.#peers.get(peer.toString()) ?? 0
  }

  /** Over this relay, with any peer. */
  throughRelay(relay: PeerId): number {
    return this.#relays.get(relay.toString()) ?? 0
  }

  get total(): number {
    return this.#total
  }
}

function count(sums: Map<string, number>, key: string, bytes: number): void {
  const sum = sums.get(key)
  if (sum === undefined && sums.size >= MAX_PEERS_METERED) {
    const [oldest] = sums.keys()
    sums.delete(oldest ?? '')
  }
  sums.set(key, (sum ?? 0) + bytes)
}
