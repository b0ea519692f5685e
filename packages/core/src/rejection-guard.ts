import type { Logger } from '@libp2p/interface'

/**
 * For programs, not for libraries: log rejections that nobody handles instead of ending the process. Helpers below
 * libp2p that wait for an event with a time-out reject now and then after their caller has gone (a peer that vanishes
 * during a handshake); a server must outlive that. It concerns the whole process, so no node does it by itself.
 *
 * @returns a function that takes the guard away.
 */
export function logUnhandledRejections(log: Pick<Logger, 'error'>): () => void {
  const listener = (reason: unknown): void => {
    log.error('unhandled rejection - %e', reason instanceof Error ? reason : { message: String(reason) })
  }
  process.on('unhandledRejection', listener)
  return () => {
    process.off('unhandledRejection', listener)
  }
}
