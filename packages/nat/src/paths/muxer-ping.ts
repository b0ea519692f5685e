import type { AbortOptions } from '@libp2p/interface'

/** A muxer with a ping of its own, which every end answers by itself: yamux (flag SYN, answered with ACK). */
interface PingingMuxer {
  readonly protocol: string
  /** Resolves with whole milliseconds since the question left; one at a time, whoever comes meanwhile joins it. */
  ping(): Promise<number>
}

const YAMUX = '/yamux/1.0.0'

/**
 * Resolves with the round trip of a connection in milliseconds by its muxer's own ping; `undefined` when that has none. It
 * is one small frame each way: a stream takes a dozen, and a protocol to agree on at both ends.
 */
export function muxerPing(
  connection: object,
  { signal, now }: Required<AbortOptions> & { readonly now: () => number }
): Promise<number> | undefined {
  const { muxer } = connection as { readonly muxer?: Partial<PingingMuxer> }
  return isPinging(muxer) ? measure(muxer, signal, now) : undefined
}

async function measure(muxer: PingingMuxer, signal: AbortSignal, now: () => number): Promise<number> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  const startedAt = now()
  try {
    // without the signal: yamux ends the connection when an answer comes to a question that was given up
    const told = await Promise.race([muxer.ping(), aborted])
    const heard = now() - startedAt
    // more was told: it was asked before this one came, and the answer was on its way already
    return told > heard + 1 ? told : heard
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function isPinging(muxer: Partial<PingingMuxer> | undefined): muxer is PingingMuxer {
  return muxer?.protocol === YAMUX && typeof muxer.ping === 'function'
}
