import type { Libp2pEvents, TypedEventTarget } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import { LISTEN_MS } from './constants.ts'

/** What is asked and waited for. */
export interface ListeningComponents {
  readonly addressManager: Pick<AddressManager, 'getAddresses' | 'getListenAddrs'>
  readonly events: TypedEventTarget<Libp2pEvents>
}

/**
 * Resolves when this node has an address, if it means to have one. Transports begin to listen at the same time as services
 * start, and addresses are part of what a member says first.
 */
export async function listening({ addressManager, events }: ListeningComponents): Promise<void> {
  if (addressManager.getListenAddrs().length === 0 || addressManager.getAddresses().length > 0) {
    return
  }
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const done = (): void => resolve(undefined)
  const timer = setTimeout(done, LISTEN_MS)
  events.addEventListener('transport:listening', done)
  await promise
  clearTimeout(timer)
  events.removeEventListener('transport:listening', done)
}
