import { sha256 } from '@noble/hashes/sha2.js'

/** As many 32-bit numbers as fit in a SHA-256. */
export const RING_COUNT = 8

const encoder = new TextEncoder()

/**
 * Where a member stands on each ring: the eight 32-bit words (big-endian) of the SHA-256 of the swarm's id, a zero byte
 * and the peer id's bytes. Everybody computes the same, so everybody knows who observes whom.
 */
export function ringPositions(swarmId: string, peerId: Uint8Array): Uint32Array {
  const swarm = encoder.encode(swarmId)
  const bytes = new Uint8Array(swarm.length + 1 + peerId.length)
  bytes.set(swarm)
  bytes.set(peerId, swarm.length + 1)
  const hash = sha256(bytes)
  const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength)
  return Uint32Array.from({ length: RING_COUNT }, (_, ring) => view.getUint32(ring * 4))
}
