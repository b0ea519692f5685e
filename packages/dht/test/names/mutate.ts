import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { equals } from 'uint8arrays/equals'
import { openNameRecord, signNameRecord } from '../../src/names/name-record.ts'

const NOW = Date.parse('2026-11-24T00:00:00Z')

/** Numbers in [0, 2^32), the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
}

/**
 * Changes a signed record in `count` ways (bits, bytes, cuts, parts of an older record of the same name, additions) and
 * returns how many of them were believed: had something else come out than what was signed.
 */
export async function believedMutations(count: number, seed: number): Promise<number> {
  const key = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(9))
  const name = peerIdFromPrivateKey(key)
  const sign = async (sequence: bigint): Promise<Uint8Array> => {
    const fields = { value: '/ipfs/bafkreief7we5g2wt7joct2265ktcmrakq7z4zbcbzgwaf5hfba6wj5dtrm', ttlMs: 300_000 }
    return (await signNameRecord(key, { ...fields, sequence, validUntil: NOW + 1_000_000 })).bytes
  }
  const [record, older] = [await sign(1_000n), await sign(999n)]
  const random = randomNumbers(seed)
  let believed = 0
  for (let n = 0; n < count; n++) {
    const mutated = mutate(record, older, random)
    if (equals(mutated, record) || equals(mutated, older)) {
      continue
    }
    try {
      const opened = await openNameRecord(name, mutated, NOW)
      believed += equals(opened.bytes, record) || equals(opened.bytes, older) ? 0 : 1
    } catch {
      // not believed
    }
  }
  return believed
}

function mutate(record: Uint8Array, older: Uint8Array, random: () => number): Uint8Array {
  const bytes = Uint8Array.from(record)
  const at = random() % bytes.length
  switch (random() % 6) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (random() & 7))
      return bytes
    case 1:
      bytes[at] = random() & 0xff
      bytes[random() % bytes.length] = random() & 0xff
      return bytes
    case 2:
      return bytes.subarray(0, at)
    case 3:
      bytes.set(older.subarray(at, Math.min(older.length, bytes.length)), at)
      return bytes
    case 4:
      bytes.set(older.subarray(0, at))
      return bytes
    default: {
      const longer = new Uint8Array(bytes.length + 1 + (random() & 15))
      longer.set(bytes)
      longer.set(bytes.subarray(at, Math.min(bytes.length, at + longer.length - bytes.length)), bytes.length)
      return longer
    }
  }
}
