/** What one run found: lists of values by name. */
export type Samples = Readonly<Record<string, readonly number[]>>

export interface ScenarioRun {
  readonly seed: number
  readonly digest: string
  readonly cpuSeconds: number
  readonly virtualSeconds: number
  readonly events: number
  readonly samples: Samples
}

/** Everything that the runs of a scenario found, together. */
export class Pool {
  readonly #values = new Map<string, number[]>()

  constructor(runs: readonly ScenarioRun[]) {
    for (const { samples } of runs) {
      for (const [name, values] of Object.entries(samples)) {
        const pooled = this.#values.get(name) ?? []
        for (const value of values) {
          pooled.push(value)
        }
        this.#values.set(name, pooled)
      }
    }
    for (const values of this.#values.values()) {
      values.sort((a, b) => a - b)
    }
  }

  get names(): readonly string[] {
    return [...this.#values.keys()]
  }

  count(name: string): number {
    return this.#of(name).length
  }

  mean(name: string): number {
    return this.sum(name) / this.count(name)
  }

  /** Nearest rank; `NaN` when there is nothing. */
  quantile(name: string, share: number): number {
    const values = this.#of(name)
    return values[Math.max(0, Math.ceil(share * values.length) - 1)] ?? NaN
  }

  median(name: string): number {
    return this.quantile(name, 0.5)
  }

  max(name: string): number {
    return this.quantile(name, 1)
  }

  sum(name: string): number {
    return this.#of(name).reduce((sum, value) => sum + value, 0)
  }

  #of(name: string): readonly number[] {
    return this.#values.get(name) ?? []
  }
}

/** At most, at least, or between. */
export type FigureGoal =
  { readonly most: number } | { readonly least: number } | { readonly from: number; readonly to: number }

/** One number of a scenario: how it is taken from the runs, and what it should be. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly of: (pool: Pool) => number
  /** The worst of it, beside. */
  readonly worst?: (pool: Pool) => number
  readonly goal?: FigureGoal
  /** What memberlist's or SWIM's formula says, or what was published. */
  readonly formula?: string
  /** What the study's simulator said. */
  readonly study?: string
}

export interface FigureResult {
  readonly name: string
  readonly unit: string
  readonly value: number
  readonly worst: number | undefined
  readonly goal: string | undefined
  readonly reached: boolean
  readonly formula: string | undefined
  readonly study: string | undefined
}

export function resultOf({ name, unit, of, worst, goal, formula, study }: Figure, pool: Pool): FigureResult {
  const value = of(pool)
  return {
    name,
    unit,
    value,
    worst: worst?.(pool),
    goal: goal === undefined ? undefined : textOf(goal),
    reached: goal === undefined || isReached(goal, value),
    formula,
    study
  }
}

function textOf(goal: FigureGoal): string {
  return 'from' in goal ? `${goal.from} to ${goal.to}` : 'most' in goal ? `<= ${goal.most}` : `>= ${goal.least}`
}

function isReached(goal: FigureGoal, value: number): boolean {
  return 'from' in goal
    ? value >= goal.from && value <= goal.to
    : 'most' in goal
      ? value <= goal.most
      : value >= goal.least
}
