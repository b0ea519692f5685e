import type { LabOptions, NatType } from '@p2pshare/netlab'
import { MatrixUsageError } from '../errors.ts'
import { isLan } from '../pairs.ts'
import type { Pair } from '../pairs.ts'

/** One way to the internet, of who shares and of who gets: 80 ms there and back between them. */
const NEAR_MS = 15
const FAR_MS = 25

/** A lab with a side for every NAT of some pairs, and which two of them are a pair's. */
export interface Sides {
  readonly lab: Pick<LabOptions, 'a' | 'b' | 'others' | 'delays'>
  /** The hosts of a pair. */
  of(pair: Pair): readonly [a: string, b: string]
}

/**
 * Every type that shares has a side, and every type that gets another one. A neighbour is on the LAN of one side, so its
 * pair has a lab of its own. Pure.
 *
 * @throws MatrixUsageError for neighbours together with others
 */
export function sidesFor(pairs: readonly Pair[]): Sides {
  if (pairs.length > 1 && pairs.some(isLan)) {
    throw new MatrixUsageError('a neighbour has a lab of its own')
  }
  const near = [...new Set(pairs.map(({ a }) => a))]
  const far = [...new Set(pairs.map(({ b }) => b))]
  const [a, b, ...others]: readonly (NatType | undefined)[] = [...near, ...far]
  const names = [...near, ...far].map((_, at) => nameOf(at))
  return {
    lab: {
      ...(a !== undefined && { a }),
      ...(b !== undefined && { b }),
      others: others.filter((type) => type !== undefined),
      delays: Object.fromEntries(names.map((name, at) => [name, at < near.length ? NEAR_MS : FAR_MS]))
    },
    of: (pair) => [nameOf(near.indexOf(pair.a)), nameOf(near.length + far.indexOf(pair.b))]
  }
}

/** As a lab calls its sides: a, b, c and so on. */
function nameOf(at: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + at)
}
