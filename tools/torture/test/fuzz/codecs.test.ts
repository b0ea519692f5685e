import { describe, expect, it } from 'vitest'
import { CODECS } from '../../src/fuzz/codecs.ts'
import { readCorpus } from '../../src/fuzz/corpus.ts'
import { fuzz } from '../../src/fuzz/run.ts'

/** Few enough for every run of the tests; `npm run torture:fuzz` is for many. */
const INPUTS = 400

describe.each(CODECS.map((codec) => [codec.name, codec] as const))('%s', (name, codec) => {
  it('reads its own examples, and bears the corpus and garbage', async () => {
    const corpus = await readCorpus(name)
    const examples = await codec.examples()
    const count = examples.length + corpus.length + INPUTS
    const { findings, accepted } = await fuzz(codec, { seed: 'slice', from: 0, count, corpus, measured: false })
    expect(findings).toEqual([])
    expect(accepted).toBeGreaterThan(0)
  })
})
