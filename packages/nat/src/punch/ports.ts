import type { PortPool } from '../types.ts'
import { LOWEST_OUTSIDE_PORT, MAX_POOL_PORTS, POOL_MARGIN_PORTS } from './constants.ts'

/** Numbers from 0 to below 1. */
export type RandomNumber = () => number

const HIGHEST_PORT = 65_535

/** Seen ports, and those around them: a few answers do not show where a pool begins and ends. Pure. */
export function widenPool({ low, high }: PortPool): PortPool {
  return {
    low: Math.min(low, Math.max(LOWEST_OUTSIDE_PORT, low - POOL_MARGIN_PORTS)),
    high: Math.min(HIGHEST_PORT, high + POOL_MARGIN_PORTS)
  }
}

/** Whether two hard sides can find each other in it. Pure. */
export function isNarrow(pool: PortPool | undefined): pool is PortPool {
  return pool !== undefined && widthOf(pool) <= MAX_POOL_PORTS
}

/** How many ports a pool has. */
export function widthOf({ low, high }: PortPool): number {
  return high - low + 1
}

/**
 * Ports in the order in which to try them, none twice: those of `pool` first, then all others that NATs give out. An
 * endless supply it is not: it ends when there is none left. Random alone decides the order.
 */
export function* sprayPorts(pool: PortPool | undefined, random: RandomNumber): Generator<number, void, undefined> {
  if (pool !== undefined) {
    yield* shuffled(pool, random)
  }
  for (const port of shuffled({ low: LOWEST_OUTSIDE_PORT, high: HIGHEST_PORT }, random)) {
    if (pool === undefined || port < pool.low || port > pool.high) {
      yield port
    }
  }
}

/** Every port of a pool once (Fisher and Yates, as far as it is taken). */
export function* shuffled({ low, high }: PortPool, random: RandomNumber): Generator<number, void, undefined> {
  const ports = Array.from({ length: high - low + 1 }, (_, index) => low + index)
  for (let left = ports.length; left > 0; left--) {
    const at = Math.floor(random() * left)
    const port = ports[at] ?? low
    ports[at] = ports[left - 1] ?? low
    yield port
  }
}
