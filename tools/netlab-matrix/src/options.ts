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
  readonly jobs?: string
  readonly waited?: string
  readonly slice?: boolean
  readonly write?: boolean
  readonly from?: readonly string[]
}

/** What is to be run. */
export interface MatrixOptions {
  readonly pairs: readonly Pair[]
  readonly runs: number
  readonly losses: readonly number[]
  readonly harness: Harness
  /** Cells at a time. */
  readonly jobs: number
  /** A run in which a process waited longer than this for a processor is made once more, in milliseconds. */
  readonly maxWaitedMs: number
}

/** A week on one machine. */
const MAX_RUNS = 1_000

/** Each has a lab and three processes, of some 150 MB together. */
const MAX_JOBS = 16

/**
 * The three processes of a run wait for each other and for the preparation of the next one, some 80 ms in all on two processors.
 * It makes times longer, never shorter; from here on they would be those of the machine.
 */
const MAX_WAITED_MS = 100

/** Defaults filled in. @throws MatrixUsageError */
export function resolveOptions(line: CommandLine): MatrixOptions {
  const harness = line.harness ?? 'cli'
  if (harness !== 'cli' && harness !== 'node') {
    throw new MatrixUsageError(`--harness ${harness}: it is cli or node`)
  }
  const isPart = line.types !== undefined || line.slice === true
  if (line.write === true && line.from === undefined && isPart) {
    throw new MatrixUsageError('--write replaces the whole page: it takes all pairs, or --from FILE')
  }
  if (line.slice === true) {
    return { pairs: SLICE, runs: 1, losses: [0], harness, jobs: 1, maxWaitedMs: Infinity }
  }
  return {
    pairs: pairsIn(line.types),
    runs: numbers('runs', line.runs ?? (harness === 'cli' ? '1' : '30'), 1, MAX_RUNS, true)[0] ?? 1,
    losses: numbers('loss', line.loss ?? '0', 0, 100, false),
    harness,
    jobs: numbers('jobs', line.jobs ?? '1', 1, MAX_JOBS, true)[0] ?? 1,
    maxWaitedMs: numbers('waited', line.waited ?? String(MAX_WAITED_MS), 0, Infinity, false)[0] ?? MAX_WAITED_MS
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
