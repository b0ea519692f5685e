import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { PeerId } from '@libp2p/interface'
import { Signatures } from '../../src/members/signatures.ts'
import type { SignedWire } from '../../src/members/signatures.ts'
import type { ClaimContent } from '../../src/wire/claim-codec.ts'

/** Somebody who can sign. */
export interface Signer {
  readonly peer: PeerId
  readonly bytes: Uint8Array
  readonly key: PrivateKey
  sign(content: Partial<ClaimContent>): Promise<SignedWire>
}

/** What it signs is about itself, alive and of its first life, unless said otherwise. */
export async function createSigner(network = '', type: 'Ed25519' | 'secp256k1' | 'RSA' = 'Ed25519'): Promise<Signer> {
  const key = await generateKeyPair(type, 2048)
  const peer = peerIdFromPrivateKey(key)
  const bytes = peer.toMultihash().bytes
  const signatures = new Signatures(key, peer, network)
  return {
    peer,
    bytes,
    key,
    sign: async (content) => signatures.sign({ kind: 'alive', subject: bytes, incarnation: 1, ...content })
  }
}
