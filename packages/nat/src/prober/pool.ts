import type { PortPool } from '../types.ts'
import { MAX_POOL_PORTS, MAX_PORT_STEP, PORTS_AHEAD } from './constants.ts'

/** Fewer say nothing of a range. */
const MIN_PORTS = 3

const LOWEST_PORT = 1
const HIGHEST_PORT = 65_535

/**
 * Where a NAT takes its outside ports from, as `ports`, in the order in which they were given out, let one expect: for one
 * that counts up the next ones; else the range with, at each end, the gap there is on average between two. `undefined`
 * when they lie too far apart. Pure.
 */
export function estimatePool(ports: readonly number[]): PortPool | undefined {
  const sorted = [...new Set(ports)].sort((a, b) => a - b)
  const [low, high] = [sorted[0], sorted.at(-1)]
  if (low === undefined || high === undefined || sorted.length < MIN_PORTS) {
    return undefined
  }
  const step = countingStep(ports)
  if (step !== undefined) {
    const next = (ports.at(-1) ?? high) + step
    return clamp(step > 0 ? next : next - PORTS_AHEAD * -step, step > 0 ? next + PORTS_AHEAD * step : next)
  }
  if (high - low >= MAX_POOL_PORTS) {
    return undefined
  }
  const gap = Math.round((high - low) / (sorted.length - 1))
  return clamp(low - gap, high + gap)
}

/** The distance from one port to the next of a NAT that counts, up or down; others between ours are allowed for. */
function countingStep(ports: readonly number[]): number | undefined {
  const steps = ports.slice(1).map((port, index) => port - (ports[index] ?? port))
  const up = steps.every((step) => step > 0 && step <= MAX_PORT_STEP)
  const down = steps.every((step) => step < 0 && step >= -MAX_PORT_STEP)
  if (!up && !down) {
    return undefined
  }
  const smallest = Math.min(...steps.map(Math.abs))
  return up ? smallest : -smallest
}

function clamp(low: number, high: number): PortPool {
  return { low: Math.max(LOWEST_PORT, low), high: Math.min(HIGHEST_PORT, high) }
}
