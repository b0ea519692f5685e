import type { CID } from 'multiformats/cid'
import {
  ContentNotFoundError,
  ProvidersUnreachableError,
  TransferStalledError,
  VerificationFailedError
} from './errors.ts'
import type { Stall } from './stall/stall.ts'
import type { GetOptions } from './types.ts'

/** Known providers that each failed this often, with no search still running, are given up. */
const UNREACHABLE_FAILURES = 3

/** After the last source was dropped for wrong bytes, others may still be found for this long. */
const LIAR_GRACE_MS = 5000

/** When a download says that it stands still, and when it gives up, with the defaults in place. */
export function timesOf({
  findTimeoutMs = 30_000,
  stallAfterMs = 10_000,
  stallTimeoutMs = 120_000
}: GetOptions): Required<Pick<GetOptions, 'findTimeoutMs' | 'stallAfterMs' | 'stallTimeoutMs'>> {
  return { findTimeoutMs, stallAfterMs, stallTimeoutMs }
}

/** How long a download hopes, and what for. */
export interface Patience {
  readonly root: CID
  readonly findTimeoutMs: number
  readonly stallTimeoutMs: number
  readonly canSearch: boolean
}

/** What a download has come to. Times are ages. */
export interface Prospects {
  /** Since the last source was dropped for wrong bytes, if one was. */
  readonly liarMs: number | undefined
  readonly connected: number
  readonly everJoined: boolean
  readonly startedMs: number
  readonly verifiedMs: number
  readonly connector: { readonly known: number; readonly leastFailures: number; readonly lastError: Error | undefined }
  /** Searches that ran to their end. */
  readonly searches: number
  stall(): Stall
}

/** Why there is no hope left, if there is none. Pure. */
export function hopeless(patience: Patience, prospects: Prospects): Error | undefined {
  const { root, stallTimeoutMs } = patience
  const { liarMs, connected, everJoined, verifiedMs } = prospects
  if (liarMs !== undefined && connected === 0 && liarMs > LIAR_GRACE_MS) {
    return new VerificationFailedError(`every source of ${root.toString()} sent wrong bytes`)
  }
  const unfound = everJoined ? undefined : nobody(patience, prospects)
  if (unfound === undefined && verifiedMs >= stallTimeoutMs) {
    const { cause, detail } = prospects.stall()
    return new TransferStalledError(stallTimeoutMs, `${cause}: ${detail}`, { stall: cause })
  }
  return unfound
}

/** While nobody was connected yet. */
function nobody({ root, canSearch, findTimeoutMs }: Patience, prospects: Prospects): Error | undefined {
  const { connector, searches, startedMs } = prospects
  const { known, leastFailures, lastError } = connector
  const tried = known > 0 && leastFailures >= UNREACHABLE_FAILURES
  if (tried && (searches > 0 || !canSearch)) {
    return new ProvidersUnreachableError(root, known, { cause: lastError })
  }
  if (startedMs >= findTimeoutMs || (!canSearch && known === 0)) {
    return known > 0
      ? new ProvidersUnreachableError(root, known, { cause: lastError })
      : new ContentNotFoundError(
          root,
          canSearch ? `searched for ${Math.round(startedMs / 1000)} s` : 'no way to search'
        )
  }
  return undefined
}
