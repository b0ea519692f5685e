import type { AbortOptions, Connection, Libp2p, Libp2pEvents } from '@libp2p/interface'
import { DeadlineError } from '@p2pshare/interface'

/** Far above what two nodes in one process need; a test that meets it is stuck, not slow. */
export const CONNECT_TIMEOUT_MS = 10_000

/** Runs `work` with a signal that aborts after `CONNECT_TIMEOUT_MS`, or when the caller's does. */
async function withDeadline<R>(
  what: string,
  options: AbortOptions,
  work: (signal: AbortSignal) => Promise<R>
): Promise<R> {
  options.signal?.throwIfAborted()
  const controller = new AbortController()
  const abort = (): void => {
    controller.abort(options.signal?.reason)
  }
  const timer = setTimeout(() => {
    controller.abort(new DeadlineError(what, CONNECT_TIMEOUT_MS))
  }, CONNECT_TIMEOUT_MS)
  options.signal?.addEventListener('abort', abort, { once: true })
  try {
    return await work(controller.signal)
  } catch (error) {
    // what was aborted says so in its own words; the caller wants to know why
    throw controller.signal.aborted ? controller.signal.reason : error
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', abort)
  }
}

/** Resolves with the first event that `accept` takes, from now on. */
async function nextEvent<K extends keyof Libp2pEvents>(
  node: Libp2p,
  type: K,
  accept: (event: Libp2pEvents[K]) => boolean,
  signal: AbortSignal
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const listener = (event: Libp2pEvents[K]): void => {
    if (accept(event)) {
      resolve(undefined)
    }
  }
  const abort = (): void => {
    reject(signal.reason)
  }
  node.addEventListener(type, listener)
  signal.addEventListener('abort', abort, { once: true })
  try {
    await promise
  } finally {
    node.removeEventListener(type, listener)
    signal.removeEventListener('abort', abort)
  }
}

/** Dial `b` from `a` and wait until each has identified the other. */
export async function connectNodes(a: Libp2p, b: Libp2p, options: AbortOptions = {}): Promise<Connection> {
  return withDeadline('connecting two nodes of a testnet', options, async (signal) => {
    const existing = a.getConnections(b.peerId).find(({ status }) => status === 'open')
    if (existing !== undefined) {
      return existing
    }
    const failed = new AbortController()
    const giveUp = (): void => {
      failed.abort(signal.reason)
    }
    signal.addEventListener('abort', giveUp, { once: true })
    const identified = Promise.all([
      nextEvent(a, 'peer:identify', ({ detail }) => detail.peerId.equals(b.peerId), failed.signal),
      nextEvent(b, 'peer:identify', ({ detail }) => detail.peerId.equals(a.peerId), failed.signal)
    ])
    try {
      const [connection] = await Promise.all([a.dial(b.getMultiaddrs(), { signal }), identified])
      return connection
    } finally {
      // a failed dial leaves the two listeners waiting
      failed.abort()
      signal.removeEventListener('abort', giveUp)
    }
  })
}

/** Close all connections between two nodes and wait until both have none. */
export async function disconnectNodes(a: Libp2p, b: Libp2p, options: AbortOptions = {}): Promise<void> {
  await withDeadline('disconnecting two nodes of a testnet', options, async (signal) => {
    const gone = (node: Libp2p, other: Libp2p): Promise<void> | undefined =>
      node.getConnections(other.peerId).length === 0
        ? undefined
        : nextEvent(node, 'connection:close', () => node.getConnections(other.peerId).length === 0, signal)
    await Promise.all([gone(a, b), gone(b, a), a.hangUp(b.peerId, { signal })])
  })
}
