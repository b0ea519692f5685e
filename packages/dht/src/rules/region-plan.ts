import { REPLICATION } from './network-size.ts'
import { POSITION_BITS, flipBit } from './position.ts'
import type { Position } from './position.ts'

/** Where the honest neighbours of a crowded key are, and how to meet some who know them. */
export interface RegionPlan {
  /** Everybody nearer than this is asked and told, as a share of the key space. */
  readonly radius: number
  /** Keys beside the target whose neighbourhoods nobody crowds. */
  readonly probes: readonly Position[]
  /** Probes ask nobody nearer to the target than this: there the placed ones sit, and they name only each other. */
  readonly crowd: number
}

/** Holds 25 honest nodes on average, where 20 are wanted; twice as much finds no more and costs a third more. */
const RADIUS = 1.25 * REPLICATION

const PROBES = 3

/** Four honest nodes on average, and inside the nearest probe, which is five away. */
const CROWD = 4

/** Messages one search or announcement may cost once it is in a region. */
export const MAX_REGION_MESSAGES = 300

/** `nodes`: the estimate; the probes branch off the target just above, at and just below the depth of its neighbourhood. */
export function regionPlan(target: Position, nodes: number): RegionPlan {
  const depth = Math.max(0, Math.floor(Math.log2(nodes / REPLICATION)) - 1)
  return {
    radius: Math.min(1, RADIUS / nodes),
    crowd: CROWD / nodes,
    probes: Array.from({ length: PROBES }, (_, at) => flipBit(target, Math.min(POSITION_BITS - 1, depth + at)))
  }
}
