import { factsOf } from '@p2pshare/netlab'
import { expectationOf, isOpen } from './pairs.ts'
import type { Pair } from './pairs.ts'

/** What a cell is to reach, with a round trip of 100 ms over the relay and 80 ms directly. */
export interface Goal {
  /** Of a hundred runs, so many direct. */
  readonly directPercent: number
  /** From the start of the coordination to the checked connection; a pair whose goal is the share alone has none. */
  readonly p50Ms?: number
  readonly p95Ms?: number
}

/** 1.5 R + 2 D + 60 ms. */
const OVER_UDP_MS = 370
/** 1.5 R + 3.5 D + 60 ms. */
const OVER_TCP_MS = 490

/** Undefined: a relay is all there can be. Pure. */
export function goalOf(pair: Pair, lossPercent: number): Goal | undefined {
  if (expectationOf(pair) === 'relay') {
    return undefined
  }
  const {
    directPercent: [without, withLoss],
    ...times
  } = withoutLoss(pair)
  if (lossPercent === 0) {
    return { directPercent: without, ...times }
  }
  // times hold without loss, but for pairs of easy NATs
  return { directPercent: withLoss, ...(isEasy(pair) ? { p95Ms: 2_000 } : {}) }
}

interface Row {
  readonly directPercent: readonly [without: number, withLoss: number]
  readonly p50Ms?: number
  readonly p95Ms?: number
}

function withoutLoss({ a, b }: Pair): Row {
  if (b === 'lan') {
    return { directPercent: [100, 100], p50Ms: 110 }
  }
  if (isOpen(a) || isOpen(b)) {
    return { directPercent: [100, 99.9], p50Ms: OVER_UDP_MS, p95Ms: OVER_UDP_MS + 100 }
  }
  if (!factsOf(a).udp || !factsOf(b).udp) {
    return { directPercent: [99.5, 98], p50Ms: OVER_TCP_MS, p95Ms: 1_000 }
  }
  const hard = [a, b].filter((type) => factsOf(type).mapping === 'address-and-port-dependent')
  if (hard.length === 2) {
    return { directPercent: [95, 95], p95Ms: 3_000 }
  }
  const isStrict = [a, b].every((type) => factsOf(type).filtering === 'address-and-port-dependent')
  if (hard.length === 1 && isStrict) {
    return { directPercent: [99.5, 99], p50Ms: 500, p95Ms: 1_400 }
  }
  return { directPercent: [99.9, 99.5], p50Ms: OVER_UDP_MS, p95Ms: 500 }
}

/** Both take UDP, and keep to one port. */
function isEasy({ a, b }: Pair): boolean {
  return (
    b !== 'lan' &&
    [a, b].every((type) => factsOf(type).udp && factsOf(type).mapping !== 'address-and-port-dependent') &&
    !isOpen(a) &&
    !isOpen(b)
  )
}
