// npm run torture:links [-- --links 1000000 --seed 1 --from 0 --write]: changed links of private shares. Exits 1 when one opens the share.
import { parseArgs } from 'node:util'
import { tortureLinks } from './links/run.ts'
import { writePage } from './write-page.ts'

const { values } = parseArgs({
  options: {
    links: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    write: { type: 'boolean', default: false }
  }
})

const started = performance.now()
const { links, refused, useless, same, opened } = tortureLinks(values.seed, Number(values.from), Number(values.links))
process.stdout.write(
  `${links} changed links: ${refused} refused, ${useless} with a key that opens nothing, ` +
    `${same} that say the same in other words, ${opened.length} open the share\n`
)
for (const line of opened.slice(0, 20)) {
  process.stderr.write(`  again: npm run torture:links -- ${line} --links 1\n`)
  process.exitCode = 1
}
if (values.write) {
  const text = (count: number): string => count.toLocaleString('en')
  await writePage([
    {
      name: 'links',
      extent: `${text(links)} changed links`,
      seconds: (performance.now() - started) / 1000,
      figures: {
        'refused before anything is tried': text(refused),
        'with a key that opens nothing': text(useless),
        'that say the same in other words': text(same),
        'that open the share': `${text(opened.length)} (goal 0)`
      },
      violations: opened.map((line) => `\`npm run torture:links -- ${line} --links 1\``)
    }
  ])
}
