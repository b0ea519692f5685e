import { NAT_TYPES, isNatType } from '@p2pshare/netlab'
import type { NatType } from '@p2pshare/netlab'
import { MatrixUsageError } from './errors.ts'
import { SLICE, pairsOf } from './pairs.ts'
import type { Pair } from './pairs.ts'
import type { Harness } from './results.ts'

/** What the command line says. */
export interface CommandLine {
  readonly types?: string
  readonly runs?: string
  readonly loss?: string
  readonly harness?: string
  readonly slice?: boolean
}

/** What is to be run. */
export interface MatrixOptions {
  readonly pairs: readonly Pair[]
  readonly runs: number
  readonly losses: readonly number[]
  readonly harness: Harness
}

/** A week on one machine. */
const MAX_RUNS = 1_000

/** Defaults filled in. @throws MatrixUsageError */
export function resolveOptions(line: CommandLine): MatrixOptions {
  const harness = line.harness ?? 'cli'
  if (harness !== 'cli' && harness !== 'node') {
    throw new MatrixUsageError(`--harness ${harness}: it is cli or node`)
  }
  if (line.slice === true) {
    return { pairs: SLICE, runs: 1, losses: [0], harness }
  }
  return {
    pairs: pairsIn(line.types),
    runs: numbers('runs', line.runs ?? (harness === 'cli' ? '1' : '30'), 1, MAX_RUNS, true)[0] ?? 1,
    losses: numbers('loss', line.loss ?? '0', 0, 100, false),
    harness
  }
}

/** `a,b,c`: every two of them. `a:b,a:c`: just these pairs. */
function pairsIn(text: string | undefined): Pair[] {
  if (text === undefined) {
    return pairsOf(Object.keys(NAT_TYPES).filter(isNatType))
  }
  const words = text.split(',').map((word) => word.trim())
  if (words.every((word) => word.includes(':'))) {
    return words.map((word) => {
      const [a = '', b = ''] = word.split(':')
      return { a: typeOf(a), b: typeOf(b) }
    })
  }
  return pairsOf(words.map(typeOf))
}

function typeOf(word: string): NatType {
  if (!isNatType(word)) {
    throw new MatrixUsageError(`--types: there is no ${word}, only ${Object.keys(NAT_TYPES).join(', ')}`)
  }
  return word
}

function numbers(option: string, text: string, least: number, most: number, whole: boolean): number[] {
  const values = text.split(',').map(Number)
  const bad = values.find((value) => !(value >= least && value <= most) || (whole && !Number.isInteger(value)))
  if (bad !== undefined) {
    throw new MatrixUsageError(`--${option} ${text}: from ${least} to ${most}`)
  }
  return values
}
