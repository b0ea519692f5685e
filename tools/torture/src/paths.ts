// npm run torture:paths [-- --paths 1000000 --races 1000 --seed 1 --from 0 --sample 200 --write]: names that want out of the
// directory of a download, and directories that become links while it is written to. Exits 1 when one gets out.
import { parseArgs } from 'node:util'
import { raceSymlinks } from './paths/race.ts'
import { torturePaths } from './paths/run.ts'
import { writePage } from './write-page.ts'

const { values } = parseArgs({
  options: {
    paths: { type: 'string', default: '1000000' },
    races: { type: 'string', default: '1000' },
    sample: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    write: { type: 'boolean', default: false }
  }
})

const started = performance.now()
const paths = await torturePaths({
  seed: values.seed,
  from: Number(values.from),
  count: Number(values.paths),
  sampleEvery: Number(values.sample)
})
tell(`${paths.paths} paths, ${paths.accepted} let through, ${paths.made} of them made on the disk`, paths.escapes)

const races = await raceSymlinks(values.seed, Number(values.races))
tell(`${races.races} races with ${races.swaps} swaps, ${races.refused} refused`, races.escapes)

if (values.write) {
  const text = (count: number): string => count.toLocaleString('en')
  await writePage([
    {
      name: 'paths',
      extent: `${text(paths.paths)} paths, ${text(races.races)} races`,
      seconds: (performance.now() - started) / 1000,
      figures: {
        'paths let through': `${text(paths.accepted)}, ${text(paths.made)} of them made on the disk`,
        'directories that became links': `${text(races.swaps)}, ${text(races.refused)} noticed and refused`,
        escapes: `${text(paths.escapes.length + races.escapes.length)} (goal 0)`
      },
      violations: [...paths.escapes, ...races.escapes]
    }
  ])
}

function tell(what: string, escapes: readonly string[]): void {
  process.stdout.write(`${what}: ${escapes.length} escapes\n`)
  for (const escape of escapes.slice(0, 20)) {
    process.stderr.write(`  ${escape}\n`)
    process.exitCode = 1
  }
}
