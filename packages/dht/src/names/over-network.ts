import type { KadDHTComponents } from '@libp2p/kad-dht'
import { InvalidMessageError } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import type { Network } from '../network.ts'
import { positionOfKey } from '../rpc/contacts.ts'
import type { DhtContact } from '../rpc/contacts.ts'
import { askOver } from '../rpc/exchange.ts'
import { REPLICATION } from '../rules/network-size.ts'
import { distanceOf } from '../rules/position.ts'
import { HARD_TIMEOUT_MS } from '../rules/soft-timeout.ts'
import { MessageType } from '../wire/messages.ts'
import type { NameNetwork } from './name-client.ts'

/** Names in a Kademlia network: found by the same walk as providers are, and asked for over the same streams. */
export function namesOver(
  network: Network,
  { connectionManager }: Pick<KadDHTComponents, 'connectionManager'>
): NameNetwork<DhtContact> {
  const { protocol } = network.spec
  return {
    closest: async (key, { signal = new AbortController().signal }) => {
      const target = positionOfKey(key)
      const order = { kind: 'find', type: MessageType.FIND_NODE, key, signal, shutdown: signal } as const
      const { answered } = await network.lookup(order)
      const distance = ({ position }: DhtContact): number => distanceOf(position, target)
      return [...answered.values()].sort((a, b) => distance(a) - distance(b)).slice(0, REPLICATION)
    },
    request: async ({ id }, message, options) => {
      const signal = anySignal([options.signal, AbortSignal.timeout(HARD_TIMEOUT_MS)])
      try {
        const stream = await connectionManager.openStream(id, protocol, { signal })
        try {
          const [answer] = await askOver(stream, [message], { signal })
          // its end is of no interest, and a failure of it neither
          stream.close({ signal }).catch(() => undefined)
          if (answer === undefined) {
            throw new InvalidMessageError('kad: no answer')
          }
          return answer
        } catch (error) {
          stream.abort(error instanceof Error ? error : new InvalidMessageError('kad', { cause: error }))
          throw error
        }
      } finally {
        signal.clear()
      }
    }
  }
}
