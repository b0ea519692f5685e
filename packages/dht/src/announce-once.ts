import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { CONFIRM_PAUSE_MS, CONFIRM_TRIES } from './constants.ts'
import type { Kad } from './kad.ts'
import { pause } from './wait.ts'

/** What one announcement achieved. */
export interface AnnounceResult {
  /** Peers the record was written to. */
  readonly sentTo: number
  /** Whether one of them gave the record back, so that others find it too. */
  readonly confirmed: boolean
}

/**
 * Walk to the peers nearest to `root`, put the record there, and ask for it back: the stock put has no answer, so that
 * a written record is not yet a stored one.
 */
export async function announceOnce(kad: Kad, self: PeerId, root: CID, options: AbortOptions): Promise<AnnounceResult> {
  let sentTo = 0
  for await (const event of kad.provide(root, options)) {
    if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') {
      sentTo++
    }
  }
  if (sentTo === 0) {
    return { sentTo, confirmed: false }
  }
  for (let attempt = 0; attempt < CONFIRM_TRIES; attempt++) {
    if (attempt > 0) {
      await pause(CONFIRM_PAUSE_MS * 2 ** (attempt - 1), options)
    }
    if (await isFindable(kad, self, root, options)) {
      return { sentTo, confirmed: true }
    }
  }
  return { sentTo, confirmed: false }
}

async function isFindable(kad: Kad, self: PeerId, root: CID, options: AbortOptions): Promise<boolean> {
  for await (const event of kad.findProviders(root, options)) {
    // the first answer is our own store's and proves nothing
    if (event.name !== 'PEER_RESPONSE' || event.from.equals(self)) {
      continue
    }
    if (event.providers.some((provider) => provider.id.equals(self))) {
      return true
    }
  }
  return false
}
