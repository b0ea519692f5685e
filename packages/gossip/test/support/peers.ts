import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromMultihash, peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { Provider } from '@p2pshare/interface'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'

const SHA2_256 = 0x12
const RAW = 0x55

export async function randomPeer(): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

export async function randomPeers(count: number): Promise<PeerId[]> {
  return Promise.all(Array.from({ length: count }, randomPeer))
}

export async function randomProviders(count: number): Promise<Provider[]> {
  return (await randomPeers(count)).map((id) => ({ id, multiaddrs: [] }))
}

/** A root CID out of a number: the same number gives the same root. */
export function rootOf(n: number): CID {
  const digest = new Uint8Array(32)
  new DataView(digest.buffer).setUint32(0, n)
  return CID.createV1(RAW, Digest.create(SHA2_256, digest))
}

/** Peer ids out of numbers, which nobody has a key of: for bounds that take thousands of peers. */
export function numberedPeers(count: number): PeerId[] {
  return Array.from({ length: count }, (_, n) => peerIdFromMultihash(rootOf(n).multihash))
}
