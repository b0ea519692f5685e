import { AsyncLocalStorage } from 'node:async_hooks'
import type { Connection, Stream } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import { wrapHops } from './wrap-hops.ts'

/** Who asks: by which stream of which connection. Empty once that is answered. */
interface Asking {
  by?: { readonly stream: Stream; readonly connection: Connection }
}

/** Which stream of who asks for a circuit is being answered. */
const asking = new AsyncLocalStorage<Asking>()

/** A registrar whose handler for circuits can be told who asks, wherever it gets to. */
export function tellsWhoAsks(registrar: Registrar): Registrar {
  return wrapHops(registrar, (handler) => async (stream, connection) => {
    const who: Asking = { by: { stream, connection } }
    try {
      await asking.run(who, async () => handler(stream, connection))
    } finally {
      // the timer of a place, which is set meanwhile, keeps what it was set in for as long as it runs
      delete who.by
    }
  })
}

/** The connection over which is asked what is being answered. */
export function whoAsks(): Connection | undefined {
  return asking.getStore()?.by?.connection
}

/**
 * A circuit has two streams, and when one is reset the other is. libp2p's relay sees to it while it carries bytes; but of one
 * that is reset before that, as where the target says yes and then has no room, it never hears, and who asked waits in vain.
 */
export function tieToWhoAsks(stream: Stream): void {
  const asked = asking.getStore()?.by?.stream
  if (asked !== undefined) {
    // where the target gave no answer at all the relay says so first
    stream.addEventListener('close', ({ error }) => setImmediate(() => end(asked, error)))
    asked.addEventListener('close', ({ error }) => end(stream, error))
  }
}

function end(stream: Stream, error: Error | undefined): void {
  if (error !== undefined && stream.status !== 'closed') {
    stream.abort(error)
  }
}
