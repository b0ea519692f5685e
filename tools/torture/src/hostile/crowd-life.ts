/**
 * Connections to the node under test, in a process of their own so that what they compute is not its: hostile ones, or as
 * many honest ones that do nothing. They give way to it on the processor. Says once a second what was done, and ends with
 * its input.
 *
 *   node crowd-life.ts <hostile|honest> <seed> <connections> <address> <root> <leaves>
 */
import { writeSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { seededRandom } from '@p2pshare/testkit'
import { CID } from 'multiformats/cid'
import { ATTACK_NAMES, ATTACKS, STAY } from './attacks.ts'
import { useOwnAddresses } from './own-addresses.ts'
import type { CrowdVitals } from './vitals.ts'

const BEAT_MS = 1000

const [kind = '', seed = '', connections = '0', address = '', root = '', leaves = '0'] = process.argv.slice(2)
setPriority(constants.priority.PRIORITY_LOW)
const random = seededRandom(`hostile/${seed}`)
useOwnAddresses(random.fork('addresses'))
const done = { acts: 0, connections: 0 }
const victim = { address, root: CID.parse(root), leaves: Number(leaves) }
const over = new AbortController()
for (let at = 0; at < Number(connections); at++) {
  const name = ATTACK_NAMES[at % ATTACK_NAMES.length] ?? ''
  const act = kind === 'hostile' ? ATTACKS[name] : STAY
  act?.(victim, { random: random.fork(at), done, signal: over.signal }).catch((error: unknown) => {
    writeSync(2, `${name}: ${String(error)}\n`)
  })
}
writeSync(1, 'begun\n')
setInterval(() => {
  const { user, system } = process.cpuUsage()
  writeSync(1, `${JSON.stringify({ ...done, cpuMs: (user + system) / 1000 } satisfies CrowdVitals)}\n`)
}, BEAT_MS)
process.stdin.resume()
process.stdin.on('end', () => {
  process.exit(0)
})
