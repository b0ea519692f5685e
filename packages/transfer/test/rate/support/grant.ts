import type { Demand, RateTree } from '../../../src/rate/rate-tree.ts'

/** All whose bytes pass now; they take them. */
export function grant<D extends Demand>(tree: RateTree<D>, now: number): D[] {
  const granted: D[] = []
  for (let demand = tree.next(now); demand !== undefined; demand = tree.next(now)) {
    tree.take(demand, now)
    granted.push(demand)
  }
  return granted
}
