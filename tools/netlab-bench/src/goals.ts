import type { Findings } from './runs.ts'

/** A figure that a run is held to. */
interface Goal {
  readonly run: string
  /** Only of runs with this loss. */
  readonly lossPercent?: number
  readonly finding: string
  readonly atMost?: number
  readonly atLeast?: number
  /** A finding that is true or false. */
  readonly is?: boolean
}

/** From end to end and back, as the lab has it unless told. */
const DIRECT_RTT_MS = 80

/** Every figure that a run is held to; what is not here is only told. */
const GOALS: readonly Goal[] = [
  // what was asked for over the relay has come, and what is asked for directly takes one round trip
  { run: 'move', finding: 'gapAtMoveMs', atMost: DIRECT_RTT_MS + 50 },
  { run: 'move', finding: 'hashEqual', is: true },
  { run: 'restart', finding: 'flowsAgainMs', atMost: 2_000 },
  { run: 'restart', finding: 'directAgainMs', atMost: 5_000 },
  { run: 'throughput', lossPercent: 0, finding: 'mbitPerSecond', atLeast: 280 },
  { run: 'throughput', lossPercent: 2, finding: 'mbitPerSecond', atLeast: 180 },
  { run: 'switches', finding: 'followed', atLeast: 50 },
  { run: 'switches', finding: 'hashEqual', is: true }
]

/** What a run was held to, and whether each figure was met, by the names of its findings. */
interface Verdict {
  readonly goal: Readonly<Record<string, string>>
  readonly met: Readonly<Record<string, boolean>>
}

/** Pure. Undefined: nothing is asked of such a run. */
export function verdictOn(run: string, lossPercent: number, findings: Findings): Verdict | undefined {
  const goals = GOALS.filter((goal) => goal.run === run && (goal.lossPercent ?? lossPercent) === lossPercent)
  return goals.length === 0
    ? undefined
    : {
        goal: Object.fromEntries(goals.map((goal) => [goal.finding, inWords(goal)])),
        met: Object.fromEntries(goals.map((goal) => [goal.finding, isMet(goal, findings[goal.finding])]))
      }
}

/** A line for each figure: `move: gapAtMoveMs 97, goal at most 130: met`. */
export function tellVerdict(run: string, findings: Findings, { goal, met }: Verdict): string {
  return Object.entries(goal)
    .map(
      ([name, wanted]) =>
        `${run}: ${name} ${String(findings[name])}, goal ${wanted}: ${met[name] === true ? 'met' : 'NOT MET'}\n`
    )
    .join('')
}

function inWords({ atMost, atLeast, is }: Goal): string {
  return atMost !== undefined ? `at most ${atMost}` : atLeast !== undefined ? `at least ${atLeast}` : String(is)
}

function isMet({ atMost = Infinity, atLeast = -Infinity, is }: Goal, found: unknown): boolean {
  if (is !== undefined) {
    return found === is
  }
  // a gap that is too short to be one is told as `below 30`; `never` is no number
  const value = typeof found === 'number' ? found : Number(/^below (\d+)$/.exec(String(found))?.[1])
  return value <= atMost && value >= atLeast
}
