/**
 * `npm run check`: everything a change must pass, each step timed. All steps run, so that one visit shows all faults.
 * `-- lint knip` runs only those.
 */
import { run } from './run.ts'
import { ROOT } from './workspace.ts'

interface Step {
  name: string
  command: string
  args: string[]
}

const nx = (target: string): Step => ({
  name: target,
  command: 'nx',
  args: ['run-many', '-t', target, '--outputStyle=static']
})
const house = (name: string, ...args: string[]): Step => ({
  name,
  command: 'node',
  args: [`tools/house/src/${name}.ts`, ...args]
})

const STEPS: Step[] = [
  { name: 'sync', command: 'nx', args: ['sync:check'] },
  { name: 'format', command: 'prettier', args: ['--check', '--log-level=warn', '.'] },
  house('manifests'),
  { name: 'versions', command: 'syncpack', args: ['lint'] },
  nx('typecheck'),
  nx('lint'),
  { name: 'knip', command: 'knip', args: ['--no-config-hints'] },
  house('docs', '--check'),
  nx('publish-check'),
  { name: 'size', command: 'npm', args: ['run', '--silent', 'size'] },
  house('test')
]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name))
if (unknown.length > 0) {
  console.error(`no such step: ${unknown.join(', ')}; there are ${STEPS.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

const results: { name: string; seconds: number; ok: boolean }[] = []
for (const { name, command, args } of STEPS) {
  if (wanted.length > 0 && !wanted.includes(name)) {
    continue
  }
  console.log(`\n## ${name}: ${command} ${args.join(' ')}`)
  const began = performance.now()
  const code = await run(command, args, ROOT)
  results.push({ name, seconds: (performance.now() - began) / 1000, ok: code === 0 })
}

console.log('\nCheck')
for (const { name, seconds, ok } of results) {
  console.log(`  ${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(16)} ${seconds.toFixed(1).padStart(6)} s`)
}
const failed = results.filter(({ ok }) => !ok)
console.log(failed.length === 0 ? 'All steps passed.' : `Failed: ${failed.map(({ name }) => name).join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
