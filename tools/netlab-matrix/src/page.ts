import { NAT_TYPES, isNatType } from '@p2pshare/netlab'
import { pairName, pairsOf } from './pairs.ts'
import { markdownTable, rowOf } from './table.ts'
import { shortfall } from './results.ts'
import type { Cell } from './results.ts'
import { timesOf } from './statistics.ts'

/** How the figures of a page were taken. */
export interface Setting {
  /** `cli`: the real programs; `node`: two scripts on `createNode()`. */
  readonly harness: 'cli' | 'node'
  /** As 2026-11-22. */
  readonly day: string
  /** Both directions, over the relay. */
  readonly relayRttMs: number
  /** Both directions, from end to end. */
  readonly directRttMs: number
  readonly losses: readonly number[]
  readonly runs: number
  readonly machine: string
}

const ALL_PAIRS = pairsOf(Object.keys(NAT_TYPES).filter(isNatType)).length

const HARNESS = {
  cli: '`p2pshare share` behind one NAT, `p2pshare get` behind the other, `p2pshare-node-server` on the relay',
  node: '`createNode()` behind each of the two NATs, `p2pshare-node-server` on the relay'
} as const

/** docs/nat-matrix.md */
export function pageOf(setting: Setting, cells: readonly Cell[]): string {
  const { harness, day, relayRttMs, directRttMs, losses, runs, machine } = setting
  const direct = cells.filter((cell) => cell.direct > 0).length
  const pairs = new Set(cells.map(({ pair }) => pairName(pair))).size
  const most = Math.max(...cells.map((cell) => cell.runs))
  const short = cells.filter((cell) => shortfall(cell) !== undefined)
  return `# Which NATs let two peers meet

Written by \`npm run netlab:matrix -- --write\`: pairs of NATs, each in a [lab](../tools/netlab/README.md) of network namespaces, with
${HARNESS[harness]}.

**A lab success is not a field success.** The NATs here are Linux's; those of other makers have bugs of their own, and no lab
has the internet's traffic. What fails here fails in the field.

- Taken ${day} on ${machine}.
- Round trip over the relay R = ${relayRttMs} ms, from end to end D = ${directRttMs} ms.
- Loss on each of the two access links, each way: ${losses.map((loss) => `${loss} %`).join(' and ')}. A packet between the ends passes both.
- ${pairs} of the ${ALL_PAIRS} pairs of [types](../tools/netlab/README.md#what-is-built) were run; an order is given, the other way
  round only where it was run too.
- ${runs} ${runs === 1 ? 'run' : 'runs'} a cell${most > runs ? ` at least, ${most} at most` : ''}, each with routers that know nothing and processes that were just started.
${loadLine(cells)}- Times are from the first message of the coordination, over the relay, to an upgraded connection whose peer id was checked
  (nearest-rank percentiles). \`dial\`: an address could be dialled, nothing was coordinated, so there is no time.

${direct} of ${cells.length} cells became direct. ${
    short.length === 0
      ? 'All did what theory allows.'
      : `Worse than theory allows: ${short.length}, see the last column.`
  }

${markdownTable(cells.map(rowOf))}
`
}

/** A busy machine makes every time longer, and the sum of a night may have quiet and busy hours. */
function loadLine(cells: readonly Cell[]): string {
  const loads = timesOf(cells.flatMap((cell) => cell.loads))
  return loads === undefined
    ? ''
    : `- Load average of the machine during the runs: ${loads.p50} in the middle, ${loads.max} at most.\n`
}
