import { posix } from 'node:path'
import { boundsIn } from './bounds.ts'
import type { Bound } from './bounds.ts'
import { tableCell } from './markdown.ts'
import type { Page } from './page.ts'
import { files, publishable, read } from './workspace.ts'

const HEAD = `# Limits

Written from the source by \`npm run docs\`: constants \`MAX_...\`, members of \`..._LIMITS\`, and options \`max...\` with their
defaults. Change the source, not this page.

Whatever a peer, a file or a user decides is bounded. The last column names the test that runs a bound at the maximum and one past it; bounds without one may only become fewer.
Beyond a bound there is a typed error ([ERRORS](ERRORS.md)), a refused request, or a stated eviction; never memory without
end. The limits of libp2p itself (connections, streams of a protocol, message sizes of its services) come on top.
`

/** Exported bounds that no test names yet. It only goes down: a new bound comes with its test. */
const UNTESTED_AT_MOST = 29

/** docs/LIMITS.md; a bound without a reason is a fault, and so is one more that no test names. */
export function limitsPage(): Page {
  const sections: string[] = []
  const faults: string[] = []
  const untested: string[] = []
  for (const { folder, manifest } of publishable()) {
    const tests = files(`${folder}/test/**/*.ts`).map((file) => ({ file, text: read(file) }))
    const rows = files(`${folder}/src/**/*.ts`).flatMap((file) =>
      boundsIn(read(file)).map((bound) => {
        const [last = ''] = bound.name.split('.').slice(-1)
        const [first = ''] = bound.name.split('.')
        const named = tests.filter(({ text }) => mentions(text, last) || mentions(text, first)).map((test) => test.file)
        if (bound.exported && named.length === 0) {
          untested.push(`${file}: no test names ${bound.name}`)
        }
        if (bound.meaning === '') {
          faults.push(`${file}: ${bound.name} has no doc comment with its reason`)
        }
        return row(bound, file, named)
      })
    )
    if (rows.length > 0) {
      const head = ['| bound | default | why | where | tests |', '|---|---|---|---|---|']
      sections.push(`## ${manifest.name}\n\n${[...head, ...rows].join('\n')}\n`)
    }
  }
  if (untested.length > UNTESTED_AT_MOST) {
    faults.push(...untested, `${untested.length} bounds without a test, ${UNTESTED_AT_MOST} allowed`)
  }
  return { markdown: [HEAD, ...sections].join('\n'), faults }
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text)
}

function row({ name, kind, value, meaning }: Bound, file: string, tests: string[]): string {
  const where = `[${posix.basename(file)}](../${file})`
  const seen = tests.map((test) => `[${posix.basename(test)}](../${test})`)
  const title = kind === 'option' ? `\`${name}\` (option)` : `\`${name}\``
  return `| ${title} | \`${value.replaceAll('|', '\\|')}\` | ${tableCell(meaning)} | ${where} | ${seen.join(' ')} |`
}
