import { goalOf } from './goals.ts'
import { pairName } from './pairs.ts'
import { shortfall, slowness } from './results.ts'
import type { Cell } from './results.ts'

/** The columns of every table, on the screen and on the page. */
export const COLUMNS = [
  'share behind x get behind',
  'loss',
  'connected',
  'direct',
  'by',
  'p50 ms',
  'p95 ms',
  'goal',
  ''
] as const

/** A cell in words, in the order of `COLUMNS`. */
export function rowOf(cell: Cell): string[] {
  const { pair, lossPercent, runs, connected, direct, ways, directMs } = cell
  return [
    pairName(pair),
    `${lossPercent} %`,
    `${connected}/${runs}`,
    direct === 0 ? 'relayed' : `${direct}/${runs}`,
    ways.map(([way, count]) => (ways.length === 1 ? way : `${way} ${count}`)).join(', '),
    directMs === undefined ? '' : String(Math.round(directMs.p50)),
    directMs === undefined ? '' : String(Math.round(directMs.p95)),
    goalText(cell),
    remark(cell)
  ]
}

/** `99.9 %, 370 / 470 ms`; nothing where a relay is all there can be. */
function goalText({ pair, lossPercent }: Cell): string {
  const goal = goalOf(pair, lossPercent)
  if (goal === undefined) {
    return ''
  }
  const { directPercent, p50Ms, p95Ms } = goal
  const times = p50Ms === undefined && p95Ms === undefined ? '' : `, ${p50Ms ?? '-'} / ${p95Ms ?? '-'} ms`
  return `${directPercent} %${times}`
}

/** Cells as lines for a screen: columns of one width each. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const all = [COLUMNS, ...rows]
  const widths = COLUMNS.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd()
    )
    .join('\n')
}

/** Cells as a Markdown table. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const lines = [COLUMNS, COLUMNS.map(() => '---'), ...rows]
  return lines.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function remark(cell: Cell): string {
  const worse = [shortfall(cell), slowness(cell)].filter((text) => text !== undefined)
  if (worse.length > 0) {
    return worse.join('; ')
  }
  return cell.expected === 'relay' ? 'no way leads through' : ''
}
