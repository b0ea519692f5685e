import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import type { Network } from '../network.ts'
import { announce } from '../provide/announce.ts'
import type { TraceEvent } from '../types.ts'
import { MessageType } from '../wire/messages.ts'
import { EventStream } from './event-stream.ts'
import { watchedBy } from './trace.ts'

/** Run one lookup and hand out all that happens in it. Leaving the iteration ends the lookup. */
export async function* traceLookup(
  network: Network,
  kind: 'find' | 'provide',
  key: Uint8Array,
  signal: AbortSignal | undefined,
  shutdown: AbortSignal
): AsyncGenerator<TraceEvent, void, undefined> {
  const left = new AbortController()
  const all = anySignal([signal, shutdown, left.signal])
  setMaxListeners(Infinity, all)
  const events = new EventStream<TraceEvent>()
  const emit = watchedBy(network.spec.name, (event) => {
    events.push(event)
  })
  const order = { key, signal: all, shutdown, emit }
  const running =
    kind === 'provide'
      ? announce(network, order)
      : network.lookup({
          ...order,
          kind,
          type: MessageType.GET_PROVIDERS,
          onProviders: (providers, from) => {
            for (const { id } of providers) {
              emit({ name: 'provider', id, from: from.id })
            }
          }
        })
  void running.finally(() => {
    events.end()
  })
  try {
    yield* events
    signal?.throwIfAborted()
  } finally {
    left.abort()
    all.clear()
  }
}
