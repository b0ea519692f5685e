import { AsyncLocalStorage } from 'node:async_hooks'
import type { Stream } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import { override } from '../standard/override.ts'
import { HOP_PROTOCOL } from './constants.ts'

/** Which stream of who asks for a circuit is being answered. */
const asking = new AsyncLocalStorage<Stream>()

/** A registrar whose handler for circuits can be told who asks, wherever it gets to. */
export function tellsWhoAsks(registrar: Registrar): Registrar {
  return override(registrar, {
    handle: async (protocol, handler, options) =>
      registrar.handle(
        protocol,
        protocol === HOP_PROTOCOL
          ? async (stream, connection) => asking.run(stream, async () => handler(stream, connection))
          : handler,
        options
      )
  })
}

/**
 * A circuit has two streams, and when one is reset the other is. libp2p's relay sees to it while it carries bytes; but of one
 * that is reset before that, as where the target says yes and then has no room, it never hears, and who asked waits in vain.
 */
export function tieToWhoAsks(stream: Stream): void {
  const asked = asking.getStore()
  if (asked !== undefined) {
    endWith(stream, asked)
    endWith(asked, stream)
  }
}

function endWith(one: Stream, other: Stream): void {
  one.addEventListener('close', ({ error }) => {
    if (error !== undefined && other.status !== 'closed') {
      other.abort(error)
    }
  })
}
