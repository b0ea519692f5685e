// npm run sim:gossip [-- --scenario crash-* --seeds 3 --quick --json --list --write]: the shipped membership machine in
// virtual time, beside formulas and the study. Exits 1 when a goal is missed. --seed 3 runs one seed and prints its
// fingerprint; --predict prints what bench:gossip should find, for the
// --one-way, --jitter and --dial milliseconds that it measured, and with --message, --link, --cores and --per-process for
// what messages and links cost its processes; --write keeps the results and draws docs/simulations/gossip,
// --draw only draws again.
import { parseArgs } from 'node:util'
import type { LoopbackInit } from '@p2pshare/testkit/sim'
import { Pool, resultOf } from './gossip-figures.ts'
import type { FigureResult, GossipRun } from './gossip-figures.ts'
import { writeGossipPage } from './gossip-page.ts'
import { predict } from './gossip-predict.ts'
import { GOSSIP_SCENARIOS } from './gossip-scenarios.ts'
import type { GossipScenario } from './gossip-scenarios.ts'
import { readResults, storeResult } from './gossip-results.ts'
import type { ScenarioResult } from './gossip-results.ts'

const DEFAULT_SEEDS = 5
const QUICK_SEEDS = 2

const { values } = parseArgs({
  options: {
    scenario: { type: 'string' },
    seeds: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    draw: { type: 'boolean', default: false },
    predict: { type: 'boolean', default: false },
    sizes: { type: 'string', default: '25,50,100' },
    profile: { type: 'string', default: 'wan' },
    'one-way': { type: 'string' },
    jitter: { type: 'string' },
    dial: { type: 'string' },
    message: { type: 'string' },
    link: { type: 'string' },
    cores: { type: 'string', default: '2' },
    'per-process': { type: 'string', default: '8' }
  }
})
const chosen = GOSSIP_SCENARIOS.filter(isChosen)

if (values.list) {
  for (const { name, title } of GOSSIP_SCENARIOS) {
    process.stdout.write(`${name.padEnd(26)} ${title}\n`)
  }
} else if (values.draw) {
  await writeGossipPage(await readResults())
} else if (values.predict) {
  const sizes = values.sizes.split(',').map(Number)
  const found = predict(sizes, Number(values.seeds ?? 3), values.profile, measured())
  process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`)
} else if (
  chosen.length === 0 ||
  chosen.some((scenario) => seedsOf(scenario).some((seed) => !Number.isInteger(seed)))
) {
  process.stderr.write('no such scenario or seed; --list shows the scenarios\n')
  process.exitCode = 2
} else {
  await runChosen()
}

/** What was measured on the machine that the prediction is for, in milliseconds. */
function measured(): LoopbackInit {
  const { 'one-way': oneWay, jitter, dial, message, link, cores, 'per-process': perProcess } = values
  const cpu = {
    cores: Number(cores),
    processOf: (node: number) => Math.floor(node / Number(perProcess)),
    messageMs: Number(message),
    linkMs: Number(link ?? 0)
  }
  return {
    ...(message === undefined ? {} : { cpu }),
    ...(oneWay === undefined ? {} : { oneWayMs: Number(oneWay) }),
    ...(jitter === undefined ? {} : { jitterMs: Number(jitter) }),
    ...(dial === undefined ? {} : { dialMs: Number(dial) })
  }
}

function isChosen({ name, quick }: GossipScenario): boolean {
  const wanted = values.scenario?.split(',')
  return wanted === undefined
    ? !values.quick || quick === true
    : wanted.some((each) => name === each || (each.endsWith('*') && name.startsWith(each.slice(0, -1))))
}

function seedsOf({ seeds = DEFAULT_SEEDS }: GossipScenario): number[] {
  if (values.seed !== undefined) {
    return [Number(values.seed)]
  }
  const count =
    values.seeds === undefined ? (values.quick ? Math.min(QUICK_SEEDS, seeds) : seeds) : Number(values.seeds)
  return Array.from({ length: count }, (_, at) => at + 1)
}

async function runChosen(): Promise<void> {
  const results: ScenarioResult[] = []
  for (const scenario of chosen) {
    const result = runScenario(scenario)
    results.push(result)
    if (!values.json) {
      process.stdout.write(textOf(result))
    }
    if (values.write) {
      await storeResult(result)
    }
  }
  if (values.json) {
    process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`)
  }
  if (values.write) {
    await writeGossipPage(await readResults())
  }
  for (const { name, figures, runs } of results) {
    for (const { name: figure } of figures.filter(({ reached }) => !reached)) {
      process.stderr.write(
        `missed: ${figure}; replay: npm run sim:gossip -- --scenario ${name} --seed ${runs[0]?.seed ?? 1}\n`
      )
      process.exitCode = 1
    }
  }
}

function runScenario(scenario: GossipScenario): ScenarioResult {
  const runs: GossipRun[] = []
  for (const seed of seedsOf(scenario)) {
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
    figures: scenario.figures.map((figure) => resultOf(figure, pool)),
    runs: runs.map(({ samples: _samples, ...run }) => run)
  }
}

function textOf({ name, title, figures, runs }: ScenarioResult): string {
  const cpu = runs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
  const events = runs.reduce((sum, run) => sum + run.events, 0)
  const [only] = runs
  const head = `${name}: ${title}; ${runs.length} seeds, ${cpu.toFixed(1)} CPU s, ${((cpu / events) * 1e6).toFixed(2)} us an event`
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
