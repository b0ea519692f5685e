import { mkdir, writeFile } from 'node:fs/promises'
import { crashChart, spreadChart, stallChart, trafficChart } from './gossip-charts.ts'
import type { FigureResult } from './gossip-figures.ts'
import { GOSSIP_DOCS } from './gossip-results.ts'
import type { ScenarioResult } from './gossip-results.ts'
import { GOSSIP_SCENARIOS } from './gossip-scenarios.ts'

/** Writes the page and the charts of everything that was run so far. */
export async function writeGossipPage(all: readonly ScenarioResult[]): Promise<void> {
  // in the order of the scenarios, and without those that are no more
  const results = GOSSIP_SCENARIOS.flatMap(({ name }) => all.find((result) => result.name === name) ?? [])
  await mkdir(GOSSIP_DOCS, { recursive: true })
  await writeFile(`${GOSSIP_DOCS}/spread.svg`, spreadChart(results))
  await writeFile(`${GOSSIP_DOCS}/crash.svg`, crashChart(results))
  await writeFile(`${GOSSIP_DOCS}/traffic.svg`, trafficChart(results))
  await writeFile(`${GOSSIP_DOCS}/stalls.svg`, stallChart(results))
  await writeFile(`${GOSSIP_DOCS}/../gossip.md`, page(results))
}

function page(results: readonly ScenarioResult[]): string {
  const cpu = results.reduce((sum, { runs }) => sum + runs.reduce((all, { cpuSeconds }) => all + cpuSeconds, 0), 0)
  return `# Membership in virtual time

Written by \`npm run sim:gossip -- --write\` (single scenarios with \`--scenario\`; their results are kept in
\`gossip/results.json\`). The code that runs is the shipped \`createMachine\` of \`@p2pshare/gossip/membership\`; the network is a
model. One run again, with its fingerprint: \`npm run sim:gossip -- --scenario crash-silent-wan-100 --seed 3\`.
All of it took ${Math.round(cpu / 60)} minutes of CPU. Single seeds are samples, not proofs: the seeds are beside each scenario.

- **wan**: one way 5 + 60 · distance + Exp(4) ms on a unit square, 60 % behind NATs, a fifth of the pairs of those over relays
  (+40 ms); dials cost round trips and 40 ms. **public**: the same without NATs. **lossy**: 5 % of packets lost, which delays them
  (no messages are lost on a connection) and what is behind them. **loopback**: 0.2 + Exp(0.3) ms,
  and a process that stands still loses its connections after 5 to 15 s, as libp2p's monitor has it; \`--message\` and \`--link\` (CPU of
  a message and of an end of a new link, \`--predict\` only) put its processes on cores.
- A crash is silent, or its host answers with FIN or RST and refuses the next dial (not behind a NAT). A silent connection is given
  up after 30 s.
- A stalled process wakes with its timers before its input; a stalled network lets timers run. Stalls last 0.1 to 16 s, evenly
  over the logarithm, about 10 s apart.
- Bytes are what the codec sends and 80 a message for frame, Noise, yamux, TCP and IP; dials are counted, not weighed.
- Two numbers are median and worst of the seeds (of the events, in \`base-*\`). **study** is design D in the study's simulator
  (simulated too; another implementation of the same ideas). Formulas: SWIM's and memberlist's, their sources are in
  \`packages/testkit/src/sim/membership/formulas.ts\`.

![Joins and leaves](./gossip/spread.svg)

![Crashes](./gossip/crash.svg)

![Traffic](./gossip/traffic.svg)

![Stalls](./gossip/stalls.svg)

## Goals

${goalTable(results)}

${results.map(section).join('\n')}`
}

/** Every figure that has a goal; those that miss it first. */
function goalTable(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap(({ name, figures, runs }) =>
    figures
      .filter(({ goal }) => goal !== undefined)
      .map((figure) => ({
        isMissed: !figure.reached,
        cells: [`\`${name}\``, ...rowOf(figure).slice(0, 3), String(runs.length)]
      }))
  )
  const sorted = [...rows.filter(({ isMissed }) => isMissed), ...rows.filter(({ isMissed }) => !isMissed)]
  return tableOf(
    ['scenario', 'figure', 'value', 'goal', 'seeds'],
    sorted.map(({ cells }) => cells)
  )
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function section({ name, title, figures, runs }: ScenarioResult): string {
  const cpu = runs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
  const table = tableOf(['figure', 'value', 'goal', 'formula', 'study'], figures.map(rowOf))
  return `## ${title}

\`${name}\`, seeds ${seedsText(runs.map(({ seed }) => seed))}, ${cpu.toFixed(0)} CPU s.

${table}
`
}

function rowOf({ name, unit, value, worst, goal, reached, formula = '', study = '' }: FigureResult): string[] {
  const values = `${plain(value)}${worst === undefined ? '' : ` / ${plain(worst)}`}${unit === '' ? '' : ` ${unit}`}`
  return [name, values, goal === undefined ? '' : `${goal}${reached ? '' : ' **missed**'}`, formula, study]
}

function seedsText(seeds: readonly number[]): string {
  return seeds.length > 2 ? `${seeds[0] ?? 0} to ${seeds.at(-1) ?? 0}` : seeds.join(', ')
}

function plain(value: number): string {
  if (!Number.isFinite(value)) {
    return value === Infinity ? 'never' : '-'
  }
  return Math.abs(value) >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3)
}
