/**
 * The hostile connections, in a process of their own so that what they compute is not the victim's. Ends with its input.
 *
 *   node attackers-life.ts <seed> <connections> <address> <root> <leaves>
 */
import { writeSync } from 'node:fs'
import { seededRandom } from '@p2pshare/testkit'
import { CID } from 'multiformats/cid'
import { ATTACK_NAMES, ATTACKS } from './attacks.ts'

const [seed = '', connections = '0', address = '', root = '', leaves = '0'] = process.argv.slice(2)
const random = seededRandom(`hostile/${seed}`)
const victim = { address, root: CID.parse(root), leaves: Number(leaves) }
const over = new AbortController()
for (let at = 0; at < Number(connections); at++) {
  const name = ATTACK_NAMES[at % ATTACK_NAMES.length] ?? ''
  ATTACKS[name]?.(victim, random.fork(at), over.signal).catch((error: unknown) => {
    writeSync(2, `${name}: ${String(error)}\n`)
  })
}
writeSync(1, 'begun\n')
process.stdin.resume()
process.stdin.on('end', () => {
  process.exit(0)
})
