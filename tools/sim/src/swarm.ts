// npm run sim:swarm [-- --scenario equal --seeds 10 --quick --json]: the shipped swarm policy in virtual time, beside the
// fluid bound. Exits 1 when a goal is missed. --seed 3 runs one seed and prints its fingerprint; --write draws docs/simulations.
import { parseArgs } from 'node:util'
import { writePage } from './page.ts'
import { runAll } from './run.ts'
import type { Summary } from './run.ts'
import { SCENARIOS } from './scenarios.ts'
import type { NamedScenario } from './scenarios.ts'

const { values } = parseArgs({
  options: {
    scenario: { type: 'string' },
    seeds: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false }
  }
})
const chosen = SCENARIOS.filter(isChosen)
const seeds = values.seed === undefined ? upTo(Number(values.seeds ?? (values.quick ? 3 : 10))) : [Number(values.seed)]

if (values.list) {
  for (const { name, title } of SCENARIOS) {
    process.stdout.write(`${name.padEnd(26)} ${title}\n`)
  }
} else if (chosen.length === 0 || seeds.some((seed) => !Number.isInteger(seed))) {
  process.stderr.write('no such scenario or seed; --list shows the scenarios\n')
  process.exitCode = 2
} else {
  await runChosen()
}

function isChosen({ name, quick }: NamedScenario): boolean {
  const wanted = values.scenario?.split(',')
  return wanted === undefined
    ? !values.quick || quick === true
    : wanted.some((each) => name === each || glob(each, name))
}

/** `equal-*` and the like. */
function glob(pattern: string, name: string): boolean {
  return pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1))
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1)
}

async function runChosen(): Promise<void> {
  const summaries: Summary[] = []
  for (const named of chosen) {
    let run = 0
    const summary = runAll(named, seeds, () => {
      run++
      if (process.stderr.isTTY) {
        process.stderr.write(`\r${named.name} ${run}/${seeds.length} `)
      }
    })
    summaries.push(summary)
    if (process.stderr.isTTY) {
      process.stderr.write('\r\u001b[K')
    }
    if (!values.json) {
      process.stdout.write(`${line(summary)}\n`)
    }
  }
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ seeds, scenarios: summaries }, undefined, 2)}\n`)
  }
  if (values.write) {
    await writePage(summaries, seeds.length)
  }
  for (const { name, runs } of summaries.filter(({ reached }) => !reached)) {
    const [worst] = runs.toSorted((a, b) => b.ratio - a.ratio)
    process.stderr.write(`missed; replay: npm run sim:swarm -- --scenario ${name} --seed ${worst?.seed ?? 1}\n`)
    process.exitCode = 1
  }
}

function line({ name, median, worst, goal, wastedShare, messagesPerLeaf, failed, reached, runs }: Summary): string {
  const [only] = runs
  return [
    name.padEnd(26),
    median.toFixed(3).padStart(6),
    worst.toFixed(3).padStart(6),
    (goal === undefined ? '' : `<= ${goal.toFixed(2)}`).padEnd(8),
    `wasted ${(wastedShare * 100).toFixed(2)} %`,
    `messages ${messagesPerLeaf.toFixed(1)}`,
    failed > 0 ? `${failed} FAILED` : '',
    reached ? '' : 'MISSED',
    runs.length === 1 ? (only?.digest ?? '') : ''
  ]
    .join('  ')
    .trimEnd()
}
