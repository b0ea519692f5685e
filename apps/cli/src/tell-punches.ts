import type { P2PShareNode } from '@p2pshare/core'
import type { Io } from './io.ts'
import { punchFailed, punched } from './json.ts'

/** Say in `--json` output which way led to a direct connection, or that none did, from now on. Returns what ends it. */
export function tellPunches(node: Pick<P2PShareNode, 'services'>, io: Pick<Io, 'event'>): () => void {
  const { nat } = node.services
  const listening = new AbortController()
  nat.addEventListener('punch:success', ({ detail }) => io.event(punched(detail)), listening)
  nat.addEventListener('punch:failed', ({ detail }) => io.event(punchFailed(detail)), listening)
  return () => {
    listening.abort()
  }
}
