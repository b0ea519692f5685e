import { errorClasses } from './error-classes.ts'
import type { ErrorClass } from './error-classes.ts'
import { tableCell } from './markdown.ts'
import type { Page } from './page.ts'
import { files, publishable, read } from './workspace.ts'

const HEAD = `# Errors

Written from the classes by \`npm run docs\`; change the class, not this page.

Every error of ours extends \`P2PShareError\`: compare \`name\` or \`code\` (two copies of a package break \`instanceof\`).
A \`code\` does not change in a minor release. \`fault\` says who has to change something before the same call can succeed:
\`local\` this machine, \`remote\` the other peer, \`network\` the way between (try again), \`user\` the person who asked.
An aborted call rejects with its signal's own reason, usually an \`AbortError\`. No error text is ever sent to a peer.
`

/** docs/ERRORS.md from the error classes of every published package. */
export function errorsPage(): Page {
  const sections: string[] = []
  const faults: string[] = []
  const owners = new Map<string, string>()
  for (const { folder, manifest } of publishable()) {
    const classes = files(`${folder}/src/**/*.ts`).flatMap((file) => errorClasses(file, read(file)))
    for (const found of classes) {
      faults.push(...faultsOf(found, manifest.name, owners))
    }
    if (classes.length > 0) {
      sections.push(`## ${manifest.name}\n\n${table(classes)}\n`)
    }
  }
  return { markdown: [HEAD, ...sections].join('\n'), faults }
}

function faultsOf(
  { name, label, code, faults, description }: ErrorClass,
  owner: string,
  owners: Map<string, string>
): string[] {
  const where = `${owner} ${name}`
  const wrong: string[] = []
  if (label !== name) {
    wrong.push(`${where}: its name field says ${JSON.stringify(label)}`)
  }
  if (!/^ERR_[A-Z0-9_]+$/.test(code)) {
    wrong.push(`${where}: code ${JSON.stringify(code)} is not ERR_...`)
  } else if (owners.has(code)) {
    wrong.push(`${where}: ${code} is already ${owners.get(code) ?? ''}`)
  }
  if (faults.length === 0) {
    wrong.push(`${where}: no fault`)
  }
  if (description === '') {
    wrong.push(`${where}: no description`)
  }
  owners.set(code, where)
  return wrong
}

function table(classes: ErrorClass[]): string {
  const rows = classes.map(
    ({ name, code, faults, description, advice }) =>
      `| \`${name}\` | \`${code}\` | ${faults.join(' or ')} | ${tableCell(description)} | ${tableCell(advice.join('; or: '))} |`
  )
  return ['| name | code | fault | when | what to do |', '|---|---|---|---|---|', ...rows].join('\n')
}
