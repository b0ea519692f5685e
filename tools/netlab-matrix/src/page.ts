import { NAT_TYPES, isNatType } from '@p2pshare/netlab'
import { pairName, pairsOf } from './pairs.ts'
import { markdownTable, rowOf } from './table.ts'
import { shortfall, slowness } from './results.ts'
import type { Cell, Harness } from './results.ts'
import { timesOf } from './statistics.ts'

/** How the figures of a page were taken. */
export interface Setting {
  /** As 2026-11-22, for runs that do not say theirs. */
  readonly day: string
  /** Both directions, over the relay. */
  readonly relayRttMs: number
  /** Both directions, from end to end. */
  readonly directRttMs: number
  readonly machine: string
}

const ALL_PAIRS = pairsOf(Object.keys(NAT_TYPES).filter(isNatType)).length

const HARNESS: Readonly<Record<Harness, readonly [title: string, text: string]>> = {
  cli: [
    'The programs',
    `\`p2pshare share\` behind one NAT, \`p2pshare get\` behind the other, \`p2pshare-node-server\` on the relay; 2 MiB, checked.
Each run has routers that know nothing and processes that were just started.`
  ],
  node: [
    'Two nodes that meet',
    `\`createNode()\` behind each of the two NATs and on the relay: no file, so more runs in the same time. Each run has routers
that know nothing and three new nodes, with keys and ports of their own; the processes that they are in are those of earlier
runs. Where one of them waited long for a processor the run was made once more, if there was time; one that failed counts all the
same. A run sees the first attempt of nodes that just started: a program goes on to try.`
  ]
}

/** docs/nat-matrix.md */
export function pageOf({ day, relayRttMs, directRttMs, machine }: Setting, cells: readonly Cell[]): string {
  const sections = (['cli', 'node'] as const).flatMap((harness) => {
    const own = cells.filter((cell) => cell.harness === harness)
    return own.length === 0 ? [] : [sectionOf(harness, own)]
  })
  return `# Which NATs let two peers meet

Written by \`npm run netlab:matrix -- --write\`: pairs of NATs, each in a [lab](../tools/netlab/README.md) of network namespaces.

**A lab success is not a field success.** The NATs here are Linux's; those of other makers have bugs of their own, and no lab
has the internet's traffic. What fails here fails in the field.

- Taken ${daysOf(cells, day)} on ${machine}.
- Round trip over the relay R = ${relayRttMs} ms, from end to end D = ${directRttMs} ms.
- Loss is that of each of the two access links, each way. A packet between the ends passes both.
- An order of the two is given, the other way round only where it was run too. There are ${ALL_PAIRS} pairs of
  [types](../tools/netlab/README.md#what-is-built).
- \`connected\` and \`direct\` say of how many runs.
${loadLine(cells)}- Times are from the first message of the coordination, over the relay, to an upgraded connection whose peer id was checked
  (nearest-rank percentiles). \`dial\`: an address could be dialled, nothing was coordinated, so there is no time.
- Goals: direct in so many of a hundred runs, and the times of p50 / p95. A few runs cannot show 99.9 %.

${sections.join('\n\n')}
`
}

/** `2026-11-22`, or `2026-11-22 to 2026-11-23`. */
function daysOf(cells: readonly Cell[], otherwise: string): string {
  const days = cells.flatMap((cell) => cell.days).toSorted()
  const [first, last] = [days[0] ?? otherwise, days.at(-1) ?? otherwise]
  return first === last ? first : `${first} to ${last}`
}

function sectionOf(harness: Harness, cells: readonly Cell[]): string {
  const [title, text] = HARNESS[harness]
  const direct = cells.filter((cell) => cell.direct > 0).length
  const pairs = new Set(cells.map(({ pair }) => pairName(pair))).size
  const short = cells.filter((cell) => shortfall(cell) !== undefined).length
  const slow = cells.filter((cell) => slowness(cell) !== undefined).length
  const runs = cells.reduce((sum, cell) => sum + cell.runs, 0)
  return `## ${title}

${text}

${pairs} pairs, ${cells.length} cells, ${runs} runs. ${direct} of ${cells.length} cells became direct. ${
    short === 0 ? 'All did what theory allows.' : `Not as theory says: ${short}, see the last column.`
  }${slow === 0 ? '' : ` Slower than their goal: ${slow}.`}
${firstByteLine(cells)}${waitLine(cells)}
${markdownTable(cells.map(rowOf))}`
}

/** What the other end answers is heard over a relay first, whatever becomes of the pair. */
function firstByteLine(cells: readonly Cell[]): string {
  const times = timesOf(cells.flatMap((cell) => cell.relayedMs))
  return times === undefined
    ? ''
    : `
Over the relay, from the dial to the first byte of an answer (goal: 3 R): p50 ${Math.round(times.p50)} ms, p95 ${Math.round(times.p95)} ms, of ${times.n} runs.
`
}

/** What others on the machine cost a run, and its processes each other. */
function waitLine(cells: readonly Cell[]): string {
  const times = timesOf(cells.flatMap((cell) => cell.waits))
  return times === undefined
    ? ''
    : `
While the two met, the one of the three processes that waited longest for a processor did so for ${Math.round(times.p50)} ms in the middle,
and ${Math.round(times.p95)} ms in 19 of 20 runs. It is part of all times.
`
}

/** A busy machine makes every time longer, and the sum of a night may have quiet and busy hours. */
function loadLine(cells: readonly Cell[]): string {
  const loads = timesOf(cells.flatMap((cell) => cell.loads))
  return loads === undefined
    ? ''
    : `- Load average of the machine during the runs: ${loads.p50} in the middle, ${loads.max} at most.\n`
}
