import type { Connection } from '@libp2p/interface'

/**
 * libp2p closes the second of two connections with the same addresses, as there are when both ends dial over one relay: here
 * where a connection stays, and at a peer that dials as libp2p does. Of those who wait for that dial together it gives one the
 * connection that stays, and tells all others that theirs was closed. Asked once more, it finds the one that stays, or dials
 * where there is none.
 */
export async function onceMore(open: () => Promise<Connection>): Promise<Connection> {
  try {
    return await open()
  } catch (error) {
    if (error instanceof Error && error.name === 'ConnectionClosedError') {
      return open()
    }
    throw error
  }
}
