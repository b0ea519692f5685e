// node tools/bench/src/docs.ts: writes docs/benchmarks/README.md anew from the JSON files, without measuring anything.
import { mkdir } from 'node:fs/promises'
import { DOCS, writePage } from './harness/page.ts'

await mkdir(DOCS, { recursive: true })
await writePage()
