import type { SimNetwork } from './network.ts'

/** Blocks are of 16 KiB; the last one of a leaf may be shorter. */
export const SIM_BLOCK_BYTES = 16 * 1024

/** What is shared in a simulation: equal leaves, the last one as long as it takes. */
export interface SimShare {
  readonly leafCount: number
  readonly leafBytes: (leaf: number) => number
  readonly totalBytes: number
}

/** One node of a swarm, for whoever makes its brain. */
export interface SwarmNodeInit<Message, Block> {
  readonly network: SimNetwork<Message, Block>
  readonly share: SimShare
  /** It has everything from the start. */
  readonly seeder: boolean
  /** Among the seeders, or among the leechers. */
  readonly ordinal: number
  /** Seeders in all. */
  readonly seeders: number
  readonly upBytesPerSecond: number
  /** Whether the node knows how fast its uplink is. */
  readonly knowsUplink: boolean
  /** Whether the node knows its round trips. */
  readonly knowsRtt: boolean
  /** From the last block of a leaf to the leaf being stored. */
  readonly storeMs: number
  /** Blocks sent as one. */
  readonly frameBlocks: number
  /** Uniform in [0, 1). */
  random(): number
}

/** What the simulation asks of a brain to see how far it is. */
export interface SwarmProgress {
  readonly missing: number
  readonly receivedBytes: number
  /** Of those, what was not asked for any more. */
  readonly wastedBytes: number
  /** Its number in the network, once it has one. */
  place(index: number): void
}

/** A share of `totalBytes` in leaves of `leafBytes`; the last may be shorter. */
export function equalLeaves(totalBytes: number, leafBytes: number): SimShare {
  const leafCount = Math.ceil(totalBytes / leafBytes)
  const last = totalBytes - (leafCount - 1) * leafBytes
  return { leafCount, totalBytes, leafBytes: (leaf) => (leaf === leafCount - 1 ? last : leafBytes) }
}
