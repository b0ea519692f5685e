import { Pool, resultOf } from './figures.ts'
import type { Figure, FigureResult, ScenarioRun } from './figures.ts'
import type { Results, ScenarioResult } from './results.ts'

const DEFAULT_SEEDS = 5
const QUICK_SEEDS = 2

/** A network and what happens to it, with the figures that are taken from it. */
export interface Scenario {
  readonly name: string
  readonly title: string
  readonly run: (seed: number) => ScenarioRun
  readonly figures: readonly Figure[]
  /** Seeds that are run unless it is told. @default 5 */
  readonly seeds?: number
  /** Part of `--quick`. @default false */
  readonly quick?: boolean
}

/** For `parseArgs`: what every command of this kind takes. */
export const SCENARIO_OPTIONS = {
  scenario: { type: 'string' },
  seeds: { type: 'string' },
  seed: { type: 'string' },
  json: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  draw: { type: 'boolean', default: false },
  predict: { type: 'boolean', default: false }
} as const

/** What was said of `SCENARIO_OPTIONS`. */
export interface ScenarioChoice {
  readonly scenario?: string
  readonly seeds?: string
  readonly seed?: string
  readonly json: boolean
  readonly quick: boolean
  readonly write: boolean
  readonly list: boolean
  readonly draw: boolean
}

export interface ScenarioCommand {
  /** Of `npm run`. */
  readonly name: string
  readonly scenarios: readonly Scenario[]
  readonly results: Results
  /** Writes the page and its charts. */
  readonly draw: (results: Results) => Promise<void>
}

/** Lists, draws or runs the scenarios that were chosen; exits with 1 when a goal is missed and 2 when there are none. */
export async function runCommand(command: ScenarioCommand, choice: ScenarioChoice): Promise<void> {
  const chosen = command.scenarios.filter((scenario) => isChosen(scenario, choice))
  const seeds = chosen.flatMap((scenario) => seedsOf(scenario, choice))
  if (choice.list) {
    for (const { name, title } of command.scenarios) {
      process.stdout.write(`${name.padEnd(26)} ${title}\n`)
    }
  } else if (choice.draw) {
    await command.draw(command.results)
  } else if (seeds.length === 0 || seeds.some((seed) => !Number.isInteger(seed))) {
    process.stderr.write('no such scenario or seed; --list shows the scenarios\n')
    process.exitCode = 2
  } else {
    await runChosen(command, choice, chosen)
  }
}

function isChosen({ name, quick }: Scenario, choice: ScenarioChoice): boolean {
  const wanted = choice.scenario?.split(',')
  return wanted === undefined
    ? !choice.quick || quick === true
    : wanted.some((each) => name === each || (each.endsWith('*') && name.startsWith(each.slice(0, -1))))
}

function seedsOf({ seeds = DEFAULT_SEEDS }: Scenario, choice: ScenarioChoice): number[] {
  if (choice.seed !== undefined) {
    return [Number(choice.seed)]
  }
  const count =
    choice.seeds === undefined ? (choice.quick ? Math.min(QUICK_SEEDS, seeds) : seeds) : Number(choice.seeds)
  return Array.from({ length: count }, (_, at) => at + 1)
}

async function runChosen(
  { name: command, results: store, draw }: ScenarioCommand,
  choice: ScenarioChoice,
  chosen: readonly Scenario[]
): Promise<void> {
  const results: ScenarioResult[] = []
  for (const scenario of chosen) {
    const result = runScenario(scenario, seedsOf(scenario, choice))
    results.push(result)
    if (!choice.json) {
      process.stdout.write(textOf(result))
    }
    if (choice.write) {
      await store.store(result)
    }
  }
  if (choice.json) {
    process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`)
  }
  if (choice.write) {
    await draw(store)
  }
  for (const { name, figures, runs } of results) {
    for (const { name: figure } of figures.filter(({ reached }) => !reached)) {
      process.stderr.write(
        `missed: ${figure}; replay: npm run ${command} -- --scenario ${name} --seed ${runs[0]?.seed ?? 1}\n`
      )
      process.exitCode = 1
    }
  }
}

function runScenario(scenario: Scenario, seeds: readonly number[]): ScenarioResult {
  const runs: ScenarioRun[] = []
  for (const seed of seeds) {
    const run = scenario.run(seed)
    const samples = {
      ...run.samples,
      cpu: [run.cpuSeconds],
      virtual: [run.virtualSeconds],
      memory: [process.memoryUsage.rss() / 1e6]
    }
    runs.push({ ...run, samples })
    if (process.stderr.isTTY) {
      process.stderr.write(`\r${scenario.name} seed ${seed}\u001b[K\r`)
    }
  }
  const pool = new Pool(runs)
  return {
    name: scenario.name,
    title: scenario.title,
    day: new Date().toISOString().slice(0, 10),
    figures: scenario.figures.map((figure) => resultOf(figure, pool)),
    runs: runs.map(({ samples: _samples, ...run }) => run)
  }
}

function textOf({ name, title, figures, runs }: ScenarioResult): string {
  const cpu = runs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
  const events = runs.reduce((sum, run) => sum + run.events, 0)
  const [only] = runs
  const speed = events === 0 ? '' : `, ${((cpu / events) * 1e6).toFixed(2)} us an event`
  const head = `${name}: ${title}; ${runs.length} seeds, ${cpu.toFixed(1)} CPU s${speed}`
  const digest = runs.length === 1 && only !== undefined ? `  ${only.digest}` : ''
  return `${head}${digest}\n${figures.map(lineOf).join('')}`
}

function lineOf({ name, unit, value, worst, goal, reached, formula, study }: FigureResult): string {
  const values = `${round(value)}${worst === undefined ? '' : ` / ${round(worst)}`} ${unit}`
  const goalText = goal === undefined ? '' : `${goal}${reached ? '' : ' MISSED'}`
  const beside = [formula, study === undefined ? undefined : `study ${study}`].filter((text) => text !== undefined)
  return `  ${name.padEnd(48)} ${values.padEnd(28)} ${goalText.padEnd(20)} ${beside.join('; ')}`.trimEnd() + '\n'
}

function round(value: number): string {
  return Math.abs(value) >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3)
}
