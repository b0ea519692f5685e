/**
 * `npm test`: every project's tests through Nx, then one line with the sum. `-- --projects=@p2pshare/dht` limits it.
 * Reports come back from Nx's cache with the rest of a cached run, so the sum is the same when nothing had to run.
 */
import { rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { run } from './run.ts'
import { closingLine, faults, total } from './test-summary.ts'
import type { Report } from './test-summary.ts'
import { exists, projects, readJson, ROOT } from './workspace.ts'

/** What is shown of a fault: its message and where it was thrown. */
const FAULT_LINES = 8

const REPORT = 'test-results/vitest.json'

const all = projects()
const only = process.argv
  .find((arg) => arg.startsWith('--projects='))
  ?.slice('--projects='.length)
  .split(',')
const tested = all.filter(
  ({ folder, manifest }) =>
    manifest.scripts?.['test'] !== undefined &&
    (only === undefined || only.includes(manifest.name) || only.includes(folder))
)

// a report of an earlier run must not be counted for a project that dies before it writes one
await Promise.all(tested.map(({ folder }) => rm(join(ROOT, folder, REPORT), { force: true })))

const code = await run('nx', ['run-many', '-t', 'test', '--outputStyle=static', ...process.argv.slice(2)])

const reports = tested.map(({ folder }) => {
  const file = `${folder}/${REPORT}`
  return exists(file) ? (readJson(file) as Report) : undefined
})
const sum = total(reports)

console.log('\nTests by project')
for (const [at, { manifest }] of tested.entries()) {
  const report = reports[at]
  console.log(`  ${manifest.name.padEnd(28)} ${report === undefined ? 'did not run' : closingLine(total([report]))}`)
}

const leftOut = all.flatMap(({ manifest }) =>
  Object.keys(manifest.scripts ?? {})
    .filter((name) => name.startsWith('test:'))
    .map((name) => `  npx nx run ${manifest.name}:${name}`)
)
if (leftOut.length > 0) {
  console.log('\nLeft out, because they take minutes or need more than npm gives (root, Debian packages, a browser):')
  console.log(leftOut.join('\n'))
}

// by name and last: who reads only the end of a long log sees what to look at
const found = reports.flatMap((report) => (report === undefined ? [] : faults(report)))
for (const { file, test, message, isUnsteady } of found) {
  console.log(`\n${isUnsteady ? 'UNSTEADY (passed when run again)' : 'FAILED'} ${relative(ROOT, file)} > ${test}`)
  console.log(message.split('\n').slice(0, FAULT_LINES).join('\n'))
}

if (code !== 0 && sum.failed === 0) {
  console.log('\nA project failed outside its tests (an unhandled error, or its build): see above.')
  sum.failed = 1
}
console.log(`\n${closingLine(sum)}`)
process.exitCode = sum.failed > 0 ? 1 : 0
