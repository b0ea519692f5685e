/**
 * Rules about package.json files, and about files that every package must have its own copy of, that no other tool
 * knows. `--write` makes the copies.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { faultsOf } from './manifest-rules.ts'
import { exists, projects, publishable, read, ROOT } from './workspace.ts'

const LICENCES = ['LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT']
/** Runs before anything can be imported, in versions of Node that can do nothing else. */
const LAUNCHER = { origin: 'apps/cli/bin/launcher.js', path: 'bin/launcher.js' }
const write = process.argv.includes('--write')

const all = projects()
const faults = all.flatMap((project) => faultsOf(project, all))

for (const { folder, manifest } of publishable()) {
  for (const file of LICENCES) {
    copyOf(file, `${folder}/${file}`)
  }
  if (manifest.bin !== undefined) {
    copyOf(LAUNCHER.origin, `${folder}/${LAUNCHER.path}`)
  }
  if (!exists(`${folder}/README.md`)) {
    faults.push(`${folder} has no README.md`)
  }
}

for (const fault of faults) {
  console.error(fault)
}
console.log(`${all.length} manifests, ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1

function copyOf(origin: string, copy: string): void {
  if (exists(copy) && read(copy) === read(origin)) {
    return
  }
  if (write) {
    writeFileSync(join(ROOT, copy), read(origin))
  } else {
    faults.push(`${copy} is not a copy of ${origin}: run node tools/house/src/manifests.ts --write`)
  }
}
