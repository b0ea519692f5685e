/**
 * `npm run docs` writes docs/ERRORS.md, docs/LIMITS.md and docs/api; `-- --check` writes nothing and fails if a page is not true:
 * generated files, links, and the type of every `ts` block that a user may copy.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorsPage } from './errors-page.ts'
import { staleWireCode } from './generated.ts'
import { limitsPage } from './limits-page.ts'
import { brokenLinks } from './link-check.ts'
import { run } from './run.ts'
import { snippetFaults, snippets } from './snippets.ts'
import { exists, read, ROOT } from './workspace.ts'

const check = process.argv.includes('--check')
const faults: string[] = []

for (const [file, { markdown, faults: found }] of [
  ['docs/ERRORS.md', errorsPage()],
  ['docs/LIMITS.md', limitsPage()]
] as const) {
  faults.push(...found)
  if (!check) {
    writeFileSync(join(ROOT, file), markdown)
  } else if (!exists(file) || read(file) !== markdown) {
    faults.push(`${file} is not what the source says: npm run docs`)
  }
}

faults.push(...brokenLinks(), ...(await staleWireCode()))
const blocks = snippets()
faults.push(...snippetFaults(blocks))

const typedoc = await run('typedoc', ['--options', 'tools/house/typedoc.json', ...(check ? ['--emit', 'none'] : [])])
if (typedoc !== 0) {
  faults.push('typedoc failed: see above')
}

for (const fault of faults) {
  console.error(fault)
}
console.log(`${blocks.length} snippets, ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1
