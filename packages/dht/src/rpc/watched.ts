import type { AbortOptions } from '@libp2p/interface'
import type { Outcome, Rpc } from './client.ts'
import type { DhtContact } from './contacts.ts'

/** Told how each request ended that its caller did not give up. */
export type Watcher = (contact: DhtContact, outcome: Outcome<unknown>) => void

/** The same requests, with somebody who watches how they end. */
export function watched(rpc: Rpc, watcher: Watcher): Rpc {
  const watch = async <T>(
    contact: DhtContact,
    { signal }: AbortOptions,
    request: Promise<Outcome<T>>
  ): Promise<Outcome<T>> => {
    const outcome = await request
    if (outcome.ok || signal?.aborted !== true) {
      watcher(contact, outcome)
    }
    return outcome
  }
  return {
    isConnected: (contact) => rpc.isConnected(contact),
    softTimeoutMs: (wasConnected) => rpc.softTimeoutMs(wasConnected),
    reaches: async (contact, options) => rpc.reaches(contact, options),
    ask: async (contact, type, key, options) => watch(contact, options, rpc.ask(contact, type, key, options)),
    put: async (contact, keys, options) => watch(contact, options, rpc.put(contact, keys, options))
  }
}
