import type { Libp2p } from '@libp2p/interface'

/** A function of libp2p's `debounce()`: it runs a second after it was last called, unless stopped. */
interface Debounced {
  stop?: () => void
}

/** Not in libp2p's interfaces; where an update changes it, the timers run out by themselves. */
interface Internals {
  readonly components?: { readonly addressManager?: { readonly _updatePeerStoreAddresses?: Debounced } }
  readonly services: Readonly<Record<string, unknown>>
}

/**
 * Stop, and leave no timer: closing listeners makes libp2p's address manager and identify push wait to write and send
 * the last addresses, into a datastore and over connections that are closed by then.
 */
export async function stopLibp2p(libp2p: Libp2p): Promise<void> {
  try {
    await libp2p.stop()
  } finally {
    const { components, services } = libp2p as Internals
    components?.addressManager?._updatePeerStoreAddresses?.stop?.()
    for (const service of Object.values(services)) {
      ;(service as { _push?: Debounced } | undefined)?._push?.stop?.()
    }
  }
}
