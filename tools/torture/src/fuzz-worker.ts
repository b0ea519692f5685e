// One run of the fuzzer on a thread of its own, which can be ended when a codec does not come back.
import { parentPort, workerData } from 'node:worker_threads'
import { CODECS } from './fuzz/codecs.ts'
import { readCorpus } from './fuzz/corpus.ts'
import { fuzz } from './fuzz/run.ts'
import type { FuzzJob } from './fuzz/watch.ts'

const { codec: name, seed, from, count, progress } = workerData as FuzzJob
const codec = CODECS.find((each) => each.name === name)
if (codec !== undefined) {
  const result = await fuzz(codec, {
    seed,
    from,
    count,
    corpus: await readCorpus(name),
    onInput: (index) => Atomics.store(progress, 0, index)
  })
  parentPort?.postMessage(result)
}
