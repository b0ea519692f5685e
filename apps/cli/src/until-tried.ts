import type { PeerId } from '@libp2p/interface'
import type { P2PShareNode } from '@p2pshare/core'

type Nat = Pick<P2PShareNode['services']['nat'], 'path' | 'explain' | 'onChange' | 'addEventListener'>

/**
 * Resolves when the attempt for a direct connection to a peer has ended, when there is a direct one without an attempt, or
 * when the signal aborts: with the words of the error that the attempt ended with, if it did. To be called before the peer is
 * connected, since the attempt may be short.
 */
export async function untilTried(nat: Nat, peer: PeerId, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const listening = new AbortController()
  const options = { signal: listening.signal }
  nat.addEventListener('punch:success', ({ detail }) => detail.peer.equals(peer) && resolve(undefined), options)
  nat.addEventListener(
    'punch:failed',
    ({ detail: { peer: other, error } }) =>
      other.equals(peer) && resolve(error instanceof Error ? error.message : String(error)),
    options
  )
  signal.addEventListener('abort', () => resolve(undefined), options)
  const stop = nat.onChange((changed) => {
    // an attempt that is under way tells by itself what led to it
    if (changed.equals(peer) && nat.path(peer).kind === 'direct' && nat.explain(peer).attemptUnderWayMs === undefined) {
      resolve(undefined)
    }
  })
  try {
    return await promise
  } finally {
    stop()
    listening.abort()
  }
}
