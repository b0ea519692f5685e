/** Rules about package.json files and licences that no other tool knows. `--write` copies the licence texts. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { faultsOf } from './manifest-rules.ts'
import { exists, projects, publishable, read, ROOT } from './workspace.ts'

const LICENCES = ['LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT']
const write = process.argv.includes('--write')

const all = projects()
const faults = all.flatMap((project) => faultsOf(project, all))

for (const { folder } of publishable()) {
  for (const file of LICENCES) {
    const copy = `${folder}/${file}`
    if (exists(copy) && read(copy) === read(file)) {
      continue
    }
    if (write) {
      writeFileSync(join(ROOT, copy), read(file))
    } else {
      faults.push(`${copy} is not a copy of ${file}: run node tools/house/src/manifests.ts --write`)
    }
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
