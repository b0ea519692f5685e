import type { Connection } from '@libp2p/interface'
import { isRelayed } from '../paths/choose-path.ts'
import { MAX_JOINED_DIALS } from './constants.ts'
import { SwallowedDialError } from './errors.ts'

/**
 * A dial of addresses that lead straight to a peer. libp2p lets it join one of the same peer that is under way, and that may
 * end with a circuit, or with a connection that somebody else closes: then it is made anew.
 *
 * @throws SwallowedDialError when that happened each time
 */
export async function straight(open: () => Promise<Connection>): Promise<Connection> {
  let cause: unknown
  for (let tries = 0; tries < MAX_JOINED_DIALS; tries++) {
    try {
      const connection = await open()
      if (!isRelayed(connection)) {
        return connection
      }
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ConnectionClosedError') {
        throw error
      }
      cause = error
    }
  }
  throw new SwallowedDialError({ cause })
}
