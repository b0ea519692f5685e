import type { PeerId, PublicKey } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { InvalidMessageError } from '@p2pshare/interface'
import * as Digest from 'multiformats/hashes/digest'
import { ringPositions } from '../membership/positions.ts'
import type { Roster } from '../membership/roster.ts'
import type { MemberIndex } from '../membership/types.ts'

/** Peer ids on one side, the machine's small numbers on the other. */
export class Directory {
  readonly #roster: Roster
  readonly #network: string
  readonly #byBytes = new Map<string, MemberIndex>()
  readonly #peers = new Map<MemberIndex, PeerId>()

  constructor(roster: Roster, network: string) {
    this.#roster = roster
    this.#network = network
  }

  /** `undefined` when there is no room for another. */
  add(peer: PeerId): MemberIndex | undefined {
    const bytes = bytesOf(peer)
    const known = this.indexOf(bytes)
    if (known !== undefined) {
      return known
    }
    const member = this.#roster.add(peer.toString(), ringPositions(this.#network, bytes))
    if (member !== undefined) {
      this.#byBytes.set(keyOf(bytes), member)
      this.#peers.set(member, peer)
    }
    return member
  }

  remove(member: MemberIndex): void {
    const peer = this.#peers.get(member)
    if (peer !== undefined) {
      this.#peers.delete(member)
      this.#byBytes.delete(keyOf(bytesOf(peer)))
      this.#roster.remove(member)
    }
  }

  indexOf(bytes: Uint8Array): MemberIndex | undefined {
    return this.#byBytes.get(keyOf(bytes))
  }

  entries(): Iterable<[MemberIndex, PeerId]> {
    return this.#peers.entries()
  }

  peer(member: MemberIndex): PeerId | undefined {
    return this.#peers.get(member)
  }
}

/** As peers stand in claims. */
export function bytesOf(peer: PeerId): Uint8Array {
  return peer.toMultihash().bytes
}

/** The peer whose id has these bytes. Throws `InvalidMessageError`. */
export function peerOf(bytes: Uint8Array): PeerId & { readonly publicKey?: PublicKey } {
  try {
    const peer = peerIdFromMultihash(Digest.decode(bytes))
    if (peer.type !== 'url') {
      return peer
    }
  } catch (cause) {
    throw new InvalidMessageError('claim: not a peer id', { cause })
  }
  throw new InvalidMessageError('claim: not the id of a peer with a key')
}

/** A string with the bytes as its characters: quicker than any text of an id, and nobody reads it. */
export function keyOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
