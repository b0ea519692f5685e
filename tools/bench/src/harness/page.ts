import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeMachine } from './machine.ts'
import { METHOD } from './method.ts'
import { cellText, goalText } from './report.ts'
import type { Report } from './report.ts'

/** docs/benchmarks */
export const DOCS = fileURLToPath(new URL('../../../../docs/benchmarks', import.meta.url))

/** The order of a reader's interest; variants come after what they are variants of. */
const ORDER = ['transfer', 'swarm', 'sources', 'small', 'import', 'start', 'gossip', 'dht']

/** Writes README.md anew from the JSON files that are there. */
export async function writePage(): Promise<void> {
  // by name without the ending: a chart before those of its details
  const names = (await readdir(DOCS)).sort((a, b) => (stem(a) < stem(b) ? -1 : 1))
  const reports = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => JSON.parse(await readFile(join(DOCS, name), 'utf8')) as Report)
  )
  reports.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
  const sections = reports.map((report) =>
    section(
      report,
      names.filter((name) => name.endsWith('.svg') && belongsTo(name, report, reports))
    )
  )
  await writeFile(join(DOCS, 'README.md'), [METHOD, ...sections].join('\n'))
}

function stem(file: string): string {
  return file.slice(0, file.lastIndexOf('.'))
}

function rank({ name }: Report): number {
  const place = ORDER.indexOf(name.split('-')[0] ?? '')
  return place === -1 ? ORDER.length : place
}

/** `swarm-cpu.svg` is a chart of `swarm`, unless there is a report `swarm-cpu`. */
function belongsTo(svg: string, { name }: Report, reports: readonly Report[]): boolean {
  const chart = stem(svg)
  const owners = reports.filter((report) => chart === report.name || chart.startsWith(`${report.name}-`))
  const longest = owners.reduce((best, owner) => (owner.name.length > best.length ? owner.name : best), '')
  return longest === name
}

function section(report: Report, charts: readonly string[]): string {
  const { title, setting, columns, rows, goals, leftOut, machine, programs, day, name } = report
  return [
    `## ${title}\n`,
    `${setting}\n`,
    `Taken ${day} on ${describeMachine(machine)}. [${name}.json](./${name}.json)\n`,
    ...charts.map((chart) => `![${title}](./${chart})\n`),
    table([
      columns.map(({ label }) => label),
      ...rows.map((row) => columns.map(({ key, digits }) => cellText(row[key] ?? undefined, digits)))
    ]),
    ...(goals.length === 0
      ? []
      : [
          table([
            ['goal', 'wanted', 'measured', ''],
            ...goals.map((each) => {
              const text = goalText(each)
              return [each.what, `\`${text.goal}\``, text.measured, text.verdict]
            })
          ])
        ]),
    ...Object.entries(programs).map(([program, { version, what }]) => `- \`${program}\` ${version}: ${what}`),
    '',
    ...leftOut.map(({ peer, why }) => `Left out: ${peer} (${why}).\n`)
  ].join('\n')
}

function table(lines: readonly (readonly string[])[]): string {
  const [head = [], ...body] = lines.map((line) => `| ${line.join(' | ')} |`)
  const rule = `| ${(lines[0] ?? []).map((_, column) => (column === 0 ? '---' : '---:')).join(' | ')} |`
  return `${[head, rule, ...body].join('\n')}\n`
}
