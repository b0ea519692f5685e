// npm run torture:fuzz [-- --codec 'nat/*' --inputs 1000000 --seconds 200 --seed 1 --from 0 --collect --json --write]: garbage for every
// codec of every package. Exits 1 when one crashes, hangs or is greedy; the line that repeats it is printed.
import { parseArgs } from 'node:util'
import { CODECS } from './fuzz/codecs.ts'
import type { Codec } from './fuzz/codec.ts'
import { addToCorpus } from './fuzz/corpus.ts'
import { fuzzWatched } from './fuzz/watch.ts'
import type { FuzzResult } from './fuzz/run.ts'
import { today, writePage } from './write-page.ts'

const { values } = parseArgs({
  options: {
    codec: { type: 'string', default: '*' },
    inputs: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '3600' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    collect: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false }
  }
})

/** Inputs of one thread: a run that is out of time ends after the piece it is in. */
const PIECE = 100_000

const deadline = performance.now() + Number(values.seconds) * 1000
const chosen = CODECS.filter(({ name }) => matches(values.codec, name))
if (chosen.length === 0) {
  process.stderr.write(`no such codec; there are ${CODECS.map(({ name }) => name).join(', ')}\n`)
  process.exitCode = 2
}
const started = performance.now()
const figures: Record<string, string> = {}
const violations: string[] = []
for (const codec of chosen) {
  await run(codec)
  if (values.write) {
    // after each: a run that is interrupted has said what it came to
    const seconds = (performance.now() - started) / 1000
    const extent = `${Object.keys(figures).length} of ${CODECS.length} codecs in the last run`
    await writePage([{ name: 'fuzz', extent, seconds, figures, keepsFigures: true, violations }])
  }
}

function matches(patterns: string, name: string): boolean {
  return patterns.split(',').some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each))
}

async function run(codec: Codec): Promise<void> {
  const count = Number(values.inputs)
  const from = Number(values.from)
  let [inputs, accepted, bad] = [0, 0, 0]
  while (inputs < count && performance.now() < deadline && bad === 0) {
    const piece = { codec: codec.name, seed: values.seed, from: from + inputs, count: Math.min(PIECE, count - inputs) }
    const result = await fuzzWatched(piece)
    inputs += piece.count
    accepted += result.accepted
    bad += result.findings.length
    tellFindings(result)
    if (values.collect) {
      await addToCorpus(codec.name, result.kinds.values())
    }
  }
  const [cap, bytes] = codec.cap
  const counts = [inputs, accepted].map((count) => count.toLocaleString('en'))
  if (inputs > 0) {
    figures[codec.name] =
      `${counts.join(' inputs, ')} of them read, ${bad} violations, up to ${bytes.toLocaleString('en')} bytes each${extraOf(codec)}; ${today()}`
  }
  const row = { codec: codec.name, cap, bytes, inputs, accepted, bad }
  const text = `${bad === 0 ? 'ok ' : 'BAD'} ${codec.name.padEnd(28)} ${`${cap} = ${bytes}`.padEnd(40)} ${inputs} inputs, ${accepted} accepted`
  process.stdout.write(values.json ? `${JSON.stringify(row)}\n` : `${text}\n`)
}

function extraOf({ extraHeap }: Codec): string {
  return extraHeap === undefined ? '' : `, ${extraHeap.bytes / 1024} KiB of heap more: ${extraHeap.why}`
}

function tellFindings({ codec, findings }: FuzzResult): void {
  for (const { index, input, verdict } of findings) {
    process.exitCode = 1
    const again = `npm run torture:fuzz -- --codec ${codec} --seed ${values.seed} --from ${index} --inputs 1`
    violations.push(`${codec}: ${verdict.type}; \`${again}\``)
    process.stderr.write(`${codec}: ${JSON.stringify(verdict)}\n  ${input.slice(0, 400)}\n  again: ${again}\n`)
  }
}
