import type { AbortOptions } from '@libp2p/interface'
import type { Kad } from './kad.ts'
import { abortable } from './wait.ts'

/** Whether somebody is in the table, or is within `waitMs` milliseconds. Rejects with the signal's reason. */
export async function peerJoined(
  kad: Pick<Kad, 'tableSize' | 'onPeer'>,
  waitMs: number,
  options: AbortOptions
): Promise<boolean> {
  if (kad.tableSize() > 0) {
    return true
  }
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const unsubscribe = kad.onPeer(() => {
    resolve(true)
  })
  const timer = setTimeout(() => {
    resolve(false)
  }, waitMs)
  try {
    return await abortable(promise, options)
  } finally {
    clearTimeout(timer)
    unsubscribe()
  }
}
