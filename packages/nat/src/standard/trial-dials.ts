import type { ConnectionManager } from '@libp2p/interface-internal'
import { isMultiaddr } from '@multiformats/multiaddr'
import type { Trials } from '../trials.ts'
import { dialFresh } from './fresh-dial.ts'
import { override } from './override.ts'

/**
 * `connectionManager` for what dials single addresses to see whether they answer: each gets a connection of its own, and
 * closing or aborting that one closes it when nobody else uses it.
 */
export function trialDials(connectionManager: ConnectionManager, trials: Trials): ConnectionManager {
  return override(connectionManager, {
    openConnection: async (target, options = {}) => {
      if (!isMultiaddr(target)) {
        return connectionManager.openConnection(target, options)
      }
      const connection = await dialFresh(connectionManager, target, options)
      trials.mark(connection)
      return override(connection, {
        close: async () => {
          trials.end(connection)
        },
        // what went wrong went wrong with the trial, not with what others do on the connection
        abort: () => {
          trials.end(connection)
        }
      })
    }
  })
}
