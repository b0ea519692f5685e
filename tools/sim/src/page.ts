import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { barChart, lineChart } from '@p2pshare/charts'
import type { Summary } from './run.ts'

/** docs/simulations */
const DOCS = fileURLToPath(new URL('../../../docs/simulations', import.meta.url))

/** Leaves of the swarms called `equal-N`: 64 MiB in 256 KiB. */
const LEAVES = 256

/** Writes the table and the charts of the scenarios that were run. */
export async function writePage(summaries: readonly Summary[], seeds: number): Promise<void> {
  const caption =
    `The shipped policy in virtual time, median of ${seeds} seeds. 64 MiB in 256 KiB leaves, uploads of 4 MiB/s, ` +
    'round trips of 20 ms unless said otherwise. npm run sim:swarm -- --write draws it again.'
  await mkdir(DOCS, { recursive: true })
  await writeFile(`${DOCS}/swarm-equal.svg`, equalChart(summaries, caption))
  await writeFile(`${DOCS}/swarm-scenarios.svg`, scenarioChart(summaries, caption))
  await writeFile(`${DOCS}/swarm.md`, page(summaries, seeds))
}

function equalChart(summaries: readonly Summary[], caption: string): string {
  const equal = summaries.flatMap((summary) => {
    const [, leechers] = /^equal-(\d+)$/.exec(summary.name) ?? []
    return leechers === undefined ? [] : [{ ...summary, leechers: Number(leechers) }]
  })
  const goals = equal.flatMap(({ leechers, goal }) => (goal === undefined ? [] : [[leechers, goal] as const]))
  return lineChart({
    title: 'Last leecher, in times of the fluid bound: equal caps',
    caption,
    x: { label: 'leechers', log: 2 },
    y: { label: 'time / fluid bound', min: 1 },
    series: [
      { name: 'median', points: equal.map(({ leechers, median }) => [leechers, median]) },
      { name: 'worst seed', points: equal.map(({ leechers, worst }) => [leechers, worst]) },
      { name: 'goal', points: goals, dashed: true },
      {
        name: 'best possible with whole leaves from one source',
        points: equal.map(({ leechers }) => [leechers, 1 + Math.floor(Math.log2(leechers)) / LEAVES]),
        dashed: true
      }
    ]
  })
}

function scenarioChart(summaries: readonly Summary[], caption: string): string {
  const finite = summaries.filter(({ median, worst }) => Number.isFinite(median) && Number.isFinite(worst))
  return barChart({
    title: 'Last leecher, in times of the fluid bound: all scenarios',
    caption,
    categories: finite.map(({ title }) => title),
    value: { label: 'time / fluid bound', min: 0.9, max: 1.25 },
    digits: 3,
    series: [
      {
        name: 'median',
        values: finite.map(({ median }) => median),
        ranges: finite.map(({ best, worst }) => [best, worst] as const)
      }
    ],
    goals: [{ value: 1, label: 'fluid bound' }]
  })
}

function page(summaries: readonly Summary[], seeds: number): string {
  const rows = summaries.map(({ name, title, median, best, worst, goal, wastedShare, messagesPerLeaf, failed }) => [
    `\`${name}\``,
    title,
    `${median.toFixed(3)} [${best.toFixed(3)}-${worst.toFixed(3)}]`,
    goal === undefined ? '' : `${goal.toFixed(2)}${median <= goal ? '' : ' missed'}`,
    `${(wastedShare * 100).toFixed(2)} %`,
    messagesPerLeaf.toFixed(1),
    String(failed)
  ])
  const head = ['scenario', 'what', 'time / bound', 'goal', 'wasted, most', 'messages a leaf', 'runs that lost data']
  const table = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
  return `# The swarm policy in virtual time

Written by \`npm run sim:swarm -- --write\`; what it means is in [swarm scheduling](../swarm-scheduling.md). The code that runs
is the shipped \`SharePolicy\`; the network is a model: uplinks that send one block after the other, delays, no loss, no CPU
and no disk. Median of ${seeds} seeds, lowest and highest in brackets. One run again:
\`npm run sim:swarm -- --scenario equal-8 --seed 3\`.

![Equal caps](./swarm-equal.svg)

![All scenarios](./swarm-scenarios.svg)

${table}
`
}
