import type { P2PShareNode } from '@p2pshare/core'
import type { Logger } from 'pino'

/** Log what becomes of the shares of a node: changed files, a disk that refuses, scrubs that begin by themselves. */
export function logShares(
  { services }: { readonly services: Pick<P2PShareNode['services'], 'transfer'> },
  logger: Logger
): void {
  const { transfer } = services
  transfer.addEventListener('share:changed', ({ detail: { root, path, damaged } }) => {
    logger.error({ event: 'share.changed', cid: root.toString(), path, damaged }, 'not what was shared, served no more')
  })
  transfer.addEventListener('share:paused', ({ detail: { root, errno, path, retryInMs } }) => {
    logger.warn({ event: 'share.paused', cid: root.toString(), errno, path, retryInMs }, 'the disk refuses')
  })
  transfer.addEventListener('share:unreadable', ({ detail: { root, path, error } }) => {
    logger.error({ event: 'share.unreadable', cid: root.toString(), path, reason: error.message }, 'cannot be opened')
  })
  transfer.addEventListener('share:resumed', ({ detail: { root, pausedMs } }) => {
    logger.info({ event: 'share.resumed', cid: root.toString(), pausedMs: Math.round(pausedMs) }, 'served again')
  })
  transfer.addEventListener('scrub:started', ({ detail: { resumed } }) => {
    logger.info({ event: 'scrub.started', resumed }, 'reading what is shared')
  })
  transfer.addEventListener('scrub:done', ({ detail: { shares, bytes, damaged, unreadable } }) => {
    logger.info({ event: 'scrub.done', shares, bytes, damaged, unreadable }, 'read what is shared')
  })
}
