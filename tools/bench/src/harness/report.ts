import { describeMachine, machine } from './machine.ts'
import type { Machine } from './machine.ts'
import type { LeftOut } from './peers.ts'
import type { Spread } from './stats.ts'

/** `undefined`: the program cannot tell. */
export type Cell = string | number | Spread | undefined

export interface Column {
  readonly key: string
  readonly label: string
  /** After the point. @default 0 */
  readonly digits?: number
}

/** A figure that was promised. */
export interface Goal {
  readonly what: string
  readonly is: '<=' | '>='
  readonly goal: number
  /** Absent when a program that it takes is not here. */
  readonly measured?: number
  readonly met?: boolean
}

export interface Program {
  readonly version: string
  readonly what: string
}

export interface Report {
  readonly v: 1
  /** Name of its files in docs/benchmarks. */
  readonly name: string
  readonly title: string
  /** What was run, in a sentence or two. */
  readonly setting: string
  /** YYYY-MM-DD */
  readonly day: string
  readonly machine: Machine
  /** What ran under each name, with its version. */
  readonly programs: Readonly<Record<string, Program>>
  readonly columns: readonly Column[]
  readonly rows: readonly Readonly<Record<string, Cell>>[]
  readonly goals: readonly Goal[]
  readonly leftOut: readonly LeftOut[]
}

export function newReport(parts: Omit<Report, 'v' | 'day' | 'machine'>): Report {
  return { v: 1, day: new Date().toISOString().slice(0, 10), machine: machine(), ...parts }
}

/** A goal, judged when there is something to judge. */
export function goal(what: string, measured: number | undefined, is: Goal['is'], limit: number): Goal {
  const base = { what, is, goal: limit }
  return measured === undefined || Number.isNaN(measured)
    ? base
    : { ...base, measured, met: is === '<=' ? measured <= limit : measured >= limit }
}

/** The caption of a chart: what a reader needs to repeat it. */
export function caption({ setting, machine: where, programs, day }: Report): string {
  const versions = Object.entries(programs).map(([name, { version }]) => `${name} ${version}`)
  return `${setting} ${describeMachine(where)}. ${versions.join(', ')}. ${day}.`
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

export function cellText(cell: Cell, digits = 0): string {
  if (cell === undefined) {
    return '-'
  }
  if (typeof cell === 'string') {
    return cell
  }
  if (typeof cell === 'number') {
    return cell.toFixed(digits)
  }
  const [median, min, max] = [cell.median, cell.min, cell.max].map((value) => value.toFixed(digits))
  return min === max ? `${median}` : `${median} [${min}-${max}]`
}

export function goalText({ is, goal: limit, measured, met }: Goal): {
  goal: string
  measured: string
  verdict: string
} {
  return {
    goal: `${is} ${limit}`,
    measured: measured === undefined ? '-' : measured.toFixed(limit < 10 ? 3 : 1),
    verdict: met === undefined ? 'not measured' : met ? 'met' : 'missed'
  }
}

/** The report as text for a terminal. */
export function printReport(report: Report): void {
  const { columns, rows, goals, leftOut } = report
  console.log(`\n${report.title}\n${report.setting}\n${describeMachine(report.machine)}\n`)
  printColumns([
    columns.map(({ label }) => label),
    ...rows.map((row) => columns.map(({ key, digits }) => cellText(row[key], digits)))
  ])
  if (goals.length > 0) {
    console.log()
    printColumns([
      ['goal', 'wanted', 'measured', ''],
      ...goals.map((each) => {
        const text = goalText(each)
        return [each.what, text.goal, text.measured, text.verdict]
      })
    ])
  }
  for (const { peer, why } of leftOut) {
    console.log(`\nleft out: ${peer} (${why})`)
  }
}

function printColumns(lines: readonly (readonly string[])[]): void {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  for (const line of lines) {
    const cells = line.map((text, column) =>
      column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)
    )
    console.log(cells.join('  ').trimEnd())
  }
}
