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
  const owned: OwnedClass[] = []
  for (const { folder, manifest } of publishable()) {
    const classes = files(`${folder}/src/**/*.ts`).flatMap((file) => errorClasses(file, read(file)))
    owned.push(...classes.map((found) => ({ ...found, owner: manifest.name })))
    if (classes.length > 0) {
      sections.push(`## ${manifest.name}\n\n${table(classes)}\n`)
    }
  }
  return { markdown: [HEAD, ...sections].join('\n'), faults: classFaults(owned) }
}

/** An error class and the package that has it. */
export interface OwnedClass extends ErrorClass {
  owner: string
}

/** What programs could not rely on. Two packages may tell the same failure by one code; one package may not. */
export function classFaults(classes: OwnedClass[]): string[] {
  return classes.flatMap((found, at) => {
    const { owner, name, label, code, base, faults, description } = found
    const where = `${owner} ${name}`
    const earlier = classes.slice(0, at).find((other) => other.code === code)
    const sameFailure = earlier?.owner !== owner && earlier?.faults.join() === faults.join()
    const rules: [boolean, string][] = [
      // a class that keeps the language's own name, such as RangeError, says so by having no field
      [
        label === name || (label === '' && !base.startsWith('P2PShare')),
        `its name field says ${JSON.stringify(label)}`
      ],
      [/^ERR_[A-Z0-9_]+$/.test(code), `its code ${JSON.stringify(code)} is not ERR_...`],
      [
        earlier === undefined || sameFailure,
        `${code} is already that of ${earlier?.owner ?? ''} ${earlier?.name ?? ''}`
      ],
      [faults.length > 0, 'it has no fault'],
      [description !== '', 'it has no description']
    ]
    return rules.filter(([ok]) => !ok).map(([, text]) => `${where}: ${text}`)
  })
}

function table(classes: ErrorClass[]): string {
  const rows = classes.map(
    ({ name, label, base, code, faults, description, advice }) =>
      `| \`${label === '' ? base : name}\` | \`${code}\` | ${faults.join(' or ')} | ${tableCell(description)} | ${tableCell(advice.join('; or: '))} |`
  )
  return ['| name | code | fault | when | what to do |', '|---|---|---|---|---|', ...rows].join('\n')
}
