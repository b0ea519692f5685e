import type { P2PShareNode } from '@p2pshare/core'
import type { CommandContext } from '../../context.ts'
import { sleep } from '../../sleep.ts'

/** Bootstrap nodes answer within a second, mDNS within two. */
export const DEFAULT_WAIT_MS = 3000

/** The table has no event for its first peer. */
const POLL_MS = 50

/** A started node that has somebody to ask, or had the time to find somebody. */
export async function joinNetwork(context: CommandContext): Promise<P2PShareNode> {
  const { io, signal } = context
  const node = await context.openNode()
  io.status(() => 'joining the network')
  for (let waitedMs = 0; waitedMs < DEFAULT_WAIT_MS && node.services.dht.tableSize() === 0; waitedMs += POLL_MS) {
    await sleep(POLL_MS, signal)
    signal.throwIfAborted()
  }
  io.clearStatus()
  return node
}
