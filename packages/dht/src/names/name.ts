import type { PeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromCID, peerIdFromMultihash, peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { base36 } from 'multiformats/bases/base36'
import { CID } from 'multiformats/cid'
import { decode as decodeDigest } from 'multiformats/hashes/digest'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { InvalidNameError } from './errors.ts'

/** Where names are in the key space of a Kademlia network. */
const KEY_PREFIX = new TextEncoder().encode('/ipns/')

/** The text form of a name: `k51…`, as IPFS writes it. */
export function nameToText(id: PeerId): string {
  return id.toCID().toString(base36)
}

/** The name that a key signs for; Ed25519 only. Throws `InvalidNameError`. */
export function nameOfKey(key: PrivateKey): PeerId {
  return checkEd25519(peerIdFromPrivateKey(key), key.type)
}

/** Reads `k51…`, `12D3Koo…`, `/ipns/<name>` and `ipns://<name>`. Throws `InvalidNameError`. */
export function parseName(text: string): PeerId {
  const bare = text.trim().replace(/^(?:\/ipns\/|ipns:\/\/)/u, '')
  try {
    return checkEd25519(bare.startsWith('k') ? peerIdFromCID(CID.parse(bare, base36)) : peerIdFromString(bare), text)
  } catch (cause) {
    throw cause instanceof InvalidNameError ? cause : new InvalidNameError(text, { cause })
  }
}

/** The key of a Kademlia network that a name's record lies at. */
export function nameToKey(id: PeerId): Uint8Array {
  return concat([KEY_PREFIX, id.toMultihash().bytes])
}

/** Whether a key of a Kademlia network is that of a name, well-formed or not. */
export function isNameKey(key: Uint8Array): boolean {
  return equals(key.subarray(0, KEY_PREFIX.byteLength), KEY_PREFIX)
}

/** Throws `InvalidNameError`. */
export function keyToName(key: Uint8Array): PeerId {
  try {
    const id = peerIdFromMultihash(decodeDigest(Uint8Array.from(key.subarray(KEY_PREFIX.byteLength))))
    return checkEd25519(id, 'the key')
  } catch (cause) {
    throw cause instanceof InvalidNameError ? cause : new InvalidNameError('the key', { cause })
  }
}

/** The public key has to be in the name itself: then a record needs nothing beside it to be checked. */
function checkEd25519(id: PeerId, text: string): PeerId {
  if (id.type !== 'Ed25519') {
    throw new InvalidNameError(text)
  }
  return id
}
