/* A million mutated records: `npm run torture:names -w packages/dht [count] [seed]`. Exits 1 when one was believed. */
import { believedMutations } from './mutate.ts'

const count = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? 1)
const before = process.cpuUsage()
const believed = await believedMutations(count, seed)
const { user, system } = process.cpuUsage(before)
console.log(
  `${believed} of ${count} mutated records believed, ${((user + system) / 1e6).toFixed(1)} s of CPU, seed ${seed}`
)
process.exitCode = believed === 0 ? 0 : 1
