import type { Connection } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Provider } from '@p2pshare/interface'
import type { DialBudget } from './dial-budget.ts'
import { firstSuccess } from './hedged.ts'

/**
 * Dial providers as they are found until one answers: the next a little later beside the last, or when one has failed.
 * Hosts that were dialled often lately are left alone. `undefined` when nobody answers.
 */
export async function connectFirst(
  connectionManager: Pick<KadDHTComponents['connectionManager'], 'openConnection'>,
  providers: AsyncIterable<Provider>,
  budget: DialBudget,
  signal: AbortSignal
): Promise<Connection | undefined> {
  return firstSuccess(
    dialable(providers, budget),
    async ({ id, multiaddrs }, dialSignal) =>
      connectionManager.openConnection(multiaddrs.length > 0 ? [...multiaddrs] : id, { signal: dialSignal }),
    signal
  )
}

async function* dialable(
  providers: AsyncIterable<Provider>,
  budget: DialBudget
): AsyncGenerator<Provider, void, undefined> {
  for await (const { id, multiaddrs } of providers) {
    const allowed = hostsOf(multiaddrs).filter((host) => budget.take(host, Date.now()))
    const usable = multiaddrs.filter((address) => allowed.includes(hostOf(address)))
    if (usable.length > 0 || multiaddrs.length === 0) {
      yield { id, multiaddrs: usable }
    }
  }
}

function hostsOf(multiaddrs: readonly Multiaddr[]): string[] {
  return [...new Set(multiaddrs.map(hostOf))]
}

/** The first part of an address: a host, or whatever else it begins with. */
function hostOf(address: Multiaddr): string {
  const [first] = address.getComponents()
  return `${first?.name ?? ''} ${first?.value ?? ''}`
}
