import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { seededRandom } from '@p2pshare/testkit'
import { must } from '../errors.ts'
import { HOSTILE_DAGS } from './hostile-dags.ts'
import { HostilePeer } from './hostile-peer.ts'
import { startNode } from './nodes.ts'
import type { Target } from './target.ts'

/** A share that takes more computing than this to be refused keeps its receiver busy. */
const MAX_CPU_SECONDS = 20

/** Longer is not a slow machine but a download that hangs. */
const GUARD_MS = 300_000

/** How a receiver says that it will not have it. */
const REFUSALS: readonly string[] = ['ERR_UNSUPPORTED_DAG', 'ERR_VERIFICATION_FAILED', 'ERR_UNSAFE_PATH']

export const HOSTILE_DAG_NAMES = Object.keys(HOSTILE_DAGS)

/**
 * Fetch a hostile share from who made it.
 *
 * @throws ViolationError unless it is refused, soon, with nothing at the target
 */
export async function fetchHostileDag(name: string, directory: string): Promise<void> {
  const dag = HOSTILE_DAGS[name]?.()
  must(dag !== undefined, 'there is no such share')
  const { root, blocks } = dag
  const target: Target = {
    path: '',
    bytes: Buffer.alloc(1),
    map: { root, leafCount: 1, leafBytes: () => 1, position: () => ({ file: 0, offset: 0 }) },
    nodes: { get: (cid) => Promise.resolve(blocks.get(cid.toString())) }
  }
  const publisher = await HostilePeer.start({ request: () => undefined }, target, seededRandom(name))
  const receiver = await startNode()
  const before = process.cpuUsage()
  try {
    const code = await refusalOf(async () => {
      const options = { output: directory, name: 'hostile', providers: [publisher.provider], seed: false }
      for await (const event of receiver.services.transfer.get(root, {
        ...options,
        signal: AbortSignal.timeout(GUARD_MS)
      })) {
        must(event.type !== 'done', 'it was fetched')
      }
    })
    must(REFUSALS.includes(code), `it was not refused but ended with ${code}`)
    const { user, system } = process.cpuUsage(before)
    must((user + system) / 1e6 <= MAX_CPU_SECONDS, `it took ${(user + system) / 1e6} s of computing to refuse it`)
    const left = await stat(join(directory, 'hostile')).catch(() => undefined)
    must(left === undefined, 'something was left at the target')
  } finally {
    await receiver.stop()
    await publisher.stop()
  }
}

async function refusalOf(action: () => Promise<void>): Promise<string> {
  try {
    await action()
    return 'nothing'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}
