// npm run test:forged -w packages/gossip [-- messages seed]: forged, replayed and mutated messages against one machine
import { attack } from './forger.ts'

const [messages = 1_000_000, seed = 1] = process.argv.slice(2).map(Number)
const changed = attack(seed, messages)
console.log(`${messages} messages, seed ${seed}: ${changed} state changes`)
process.exitCode = changed === 0 ? 0 : 1
