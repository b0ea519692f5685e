import type { FigureResult } from './figures.ts'
import type { ScenarioResult } from './results.ts'

/** In the order of the scenarios, and without those that are no more. */
export function inOrder(
  scenarios: readonly { readonly name: string }[],
  all: readonly ScenarioResult[]
): ScenarioResult[] {
  return scenarios.flatMap(({ name }) => all.find((result) => result.name === name) ?? [])
}

/** When they were made: a day, or the first and the last of several. */
export function daysOf(results: readonly ScenarioResult[]): string {
  const days = results.map(({ day }) => day ?? 'an earlier day').sort()
  const [first = '', last = ''] = [days[0], days.at(-1)]
  return first === last ? first : `${first} to ${last}`
}

/** Every figure that has a goal; those that miss it first. */
export function goalTable(results: readonly ScenarioResult[]): string {
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

/** As Markdown. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** What one scenario gave; `beside`: what the columns of formulas and of the study are called. */
export function section({ name, title, figures, runs }: ScenarioResult, beside: readonly [string, string]): string {
  const cpu = runs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
  const table = tableOf(['figure', 'value', 'goal', ...beside], figures.map(rowOf))
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

/** Three digits, or all before the point. */
export function plain(value: number): string {
  if (!Number.isFinite(value)) {
    return value === Infinity ? 'never' : '-'
  }
  return Math.abs(value) >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3)
}
