import { setTimeout as delay } from 'node:timers/promises'
import type { AbortOptions, Libp2p } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { ANNOUNCE_POLL_MS, ANNOUNCE_WAIT_MS } from './defaults.ts'
import type { LightServices } from './types.ts'

/**
 * Wait until an announcement has a chance: bootstrap peers were tried, and when somebody is connected, the DHT has had
 * time to find out whether it is a peer of its own. Resolves in any case after `ANNOUNCE_WAIT_MS` more; rejects only
 * with the signal's reason.
 */
export async function whenSomebodyCanBeTold(libp2p: Libp2p<LightServices>, { signal }: AbortOptions): Promise<void> {
  const { bootstrap, dht } = libp2p.services
  if (hasTried(bootstrap)) {
    await bootstrap.tried(signal === undefined ? {} : { signal })
  }
  if (!hasTable(dht)) {
    return
  }
  const deadline = AbortSignal.timeout(ANNOUNCE_WAIT_MS)
  const either = anySignal([signal, deadline])
  try {
    while (dht.tableSize() === 0 && libp2p.getPeers().length > 0 && !either.aborted) {
      await delay(ANNOUNCE_POLL_MS, undefined, { signal: either }).catch(() => undefined)
    }
  } finally {
    either.clear()
  }
  signal?.throwIfAborted()
}

function hasTried(service: unknown): service is { tried(options?: AbortOptions): Promise<void> } {
  return typeof service === 'object' && service !== null && 'tried' in service && typeof service.tried === 'function'
}

function hasTable(service: unknown): service is { tableSize(): number } {
  return (
    typeof service === 'object' && service !== null && 'tableSize' in service && typeof service.tableSize === 'function'
  )
}
