import { downOnAbort } from '@p2pshare/netlab'
import { isNoLab, runCli, setScene } from '@p2pshare/netlab-matrix'
import { prove } from '../processes.ts'
import type { Stage } from '../stage.ts'

/** Two routers of the usual kind: neither lets in what its side did not ask for. */
const PAIR = { a: 'port-restricted', b: 'port-restricted' } as const

/** One end behind each of two NATs: they meet on a relay, and in mid-transfer the bytes go directly. */
export async function natAct({ signal }: Pick<Stage, 'signal'>): Promise<Record<string, unknown>> {
  try {
    await using scene = await setScene(PAIR, 0, { install: false, signal })
    using _ = downOnAbort(signal, scene)
    const { connected, began, path, way, directMs, bytes, error } = await runCli(scene)
    prove(connected, `the copy arrived and is byte-identical (${error ?? 'it did not'})`)
    prove(path === 'direct', `the path became direct (${path})`)
    return { pair: 'port-restricted x port-restricted', began, path, way, directMs, bytes }
  } catch (error) {
    if (isNoLab(error)) {
      return { skipped: error.message }
    }
    throw error
  }
}

export function tellNat(facts: Record<string, unknown>): string {
  const { skipped, began, path, way, directMs } = facts
  return typeof skipped === 'string'
    ? `left out: ${skipped}`
    : `${String(began)} -> ${String(path)} by ${String(way)}, ${String(directMs)} ms after the first message; the transfer went on`
}
