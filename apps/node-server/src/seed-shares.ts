import type { P2PShareNode } from '@p2pshare/core'
import type { Logger } from 'pino'

/**
 * Share each path, one after the other so that they do not fight for the disk. A path that cannot be shared is logged
 * and left out: the others, and the node, are still of use. Never rejects.
 */
export async function seedShares(
  node: Pick<P2PShareNode, 'share'>,
  paths: readonly string[],
  logger: Logger,
  signal: AbortSignal
): Promise<void> {
  for (const path of paths) {
    try {
      signal.throwIfAborted()
      const share = await node.share(path, { signal })
      const { name, bytes, files, ticket } = share
      logger.info({ event: 'share.ready', cid: share.root.toString(), path, name, bytes, files, ticket }, 'share ready')
    } catch (err) {
      if (!signal.aborted) {
        logger.error({ event: 'share.failed', path, err }, 'share failed')
      }
    }
  }
}
