// npm run torture:links [-- --links 1000000 --seed 1 --from 0]: changed links of private shares. Exits 1 when one opens the share.
import { parseArgs } from 'node:util'
import { tortureLinks } from './links/run.ts'

const { values } = parseArgs({
  options: {
    links: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' }
  }
})

const { links, refused, useless, same, opened } = tortureLinks(values.seed, Number(values.from), Number(values.links))
process.stdout.write(
  `${links} changed links: ${refused} refused, ${useless} with a key that opens nothing, ` +
    `${same} that say the same in other words, ${opened.length} open the share\n`
)
for (const line of opened.slice(0, 20)) {
  process.stderr.write(`  again: npm run torture:links -- ${line} --links 1\n`)
  process.exitCode = 1
}
