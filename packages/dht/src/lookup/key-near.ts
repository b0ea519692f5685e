import { setImmediate as nextTurn } from 'node:timers/promises'
import { positionOfKey } from '../rpc/contacts.ts'
import { commonPrefix } from '../rules/position.ts'
import type { Position } from '../rules/position.ts'

/** Deeper than this a key is not searched for: 2^16 hashes take about 60 ms, and parts of 20 peers are deeper only above a million. */
export const MAX_NEAR_BITS = 16

/** Hashes between two turns of the event loop. */
const SLICE = 2_048

/**
 * A key whose position begins with the first `bits` bits of `position`: others can only be asked about keys, and hash
 * them. `seed` is a number that differs between nodes.
 */
export async function keyNear(position: Position, bits: number, seed: number): Promise<Uint8Array> {
  const wanted = Math.min(MAX_NEAR_BITS, Math.max(0, bits))
  const key = new Uint8Array(34)
  // it looks like the SHA-256 multihash of something
  key.set([0x12, 0x20])
  const view = new DataView(key.buffer)
  view.setUint32(2, seed)
  for (let tries = 0; ; tries++) {
    view.setUint32(6, tries)
    if (commonPrefix(positionOfKey(key), position) >= wanted) {
      return key
    }
    if (tries % SLICE === SLICE - 1) {
      await nextTurn()
    }
  }
}
