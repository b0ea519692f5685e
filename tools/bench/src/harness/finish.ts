import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchOptions } from './options.ts'
import { printReport } from './report.ts'
import type { Report } from './report.ts'
import { DOCS, writePage } from './page.ts'

/**
 * Prints a report and, when asked, writes it with its charts (name of the file: SVG). Sets the exit code of `--gate`.
 */
export async function finish(
  report: Report,
  { json, gate, write }: Pick<BenchOptions, 'json' | 'gate' | 'write'>,
  charts: (report: Report) => Readonly<Record<string, string>>
): Promise<void> {
  if (json) {
    console.log(JSON.stringify(report))
  } else {
    printReport(report)
  }
  if (write) {
    await mkdir(DOCS, { recursive: true })
    await writeFile(join(DOCS, `${report.name}.json`), `${JSON.stringify(report, null, 2)}\n`)
    for (const [name, svg] of Object.entries(charts(report))) {
      await writeFile(join(DOCS, `${name}.svg`), svg)
    }
    await writePage()
    spawnSync('prettier', ['--write', '--log-level=warn', DOCS], { stdio: 'inherit' })
  }
  const missed = report.goals.filter(({ met }) => met === false)
  if (gate && missed.length > 0) {
    console.error(`${missed.length} goal(s) missed: ${missed.map(({ what }) => what).join('; ')}`)
    process.exitCode = 1
  }
}
