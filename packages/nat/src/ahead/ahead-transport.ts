import type { Transport, Upgrader } from '@libp2p/interface'
import { lazily, override } from '../standard/override.ts'
import { Refusers } from './refusers.ts'
import { selectAhead } from './select-ahead.ts'

/** What a transport is made of, as far as it matters here. */
interface WithUpgrader {
  readonly upgrader: Upgrader
}

/**
 * A transport whose outbound connections do not wait for the answer to which encryption is proposed: the first message of it
 * goes out on the heels of the proposal, which saves a round trip of each dial. A peer that has only another encryption is
 * dialled once more, and waited for from then on.
 */
export function ahead<Components extends object, T extends Transport>(
  factory: (components: Components) => T
): (components: Components & WithUpgrader) => T {
  return (components) => {
    const refusers = new Refusers()
    const upgrader = lazily(() => components.upgrader, {
      upgradeOutbound: async (connection, options) => {
        const peer = peerOf(connection.remoteAddr)
        if (peer !== undefined && options.initiator !== false && !refusers.has(peer)) {
          selectAhead(connection, () => {
            refusers.add(peer)
          })
        }
        return components.upgrader.upgradeOutbound(connection, options)
      }
    })
    const transport = factory(
      override<Components & WithUpgrader>(components, { upgrader } as Partial<Components & WithUpgrader>)
    )
    const dial = transport.dial.bind(transport)
    transport.dial = async (address, options) => {
      const peer = peerOf(address)
      const isKnown = peer === undefined || refusers.has(peer)
      try {
        return await dial(address, options)
      } catch (error) {
        if (!isKnown && refusers.has(peer)) {
          return await dial(address, options)
        }
        throw error
      }
    }
    return transport
  }
}

function peerOf(address: Parameters<Transport['dial']>[0]): string | undefined {
  return address.getComponents().findLast(({ name }) => name === 'p2p')?.value
}
