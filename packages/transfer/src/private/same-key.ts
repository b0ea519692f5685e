import type { CID } from 'multiformats/cid'
import { AlreadyFetchingError, SealedLeafError } from '../errors.ts'
import type { ShareSecret } from './secret.ts'

/**
 * What is fetched with one key, or with none, looks different to who has another: it is not for them.
 *
 * @param one - the key it is fetched with; `undefined`: as it is.
 * @param other - that of who wants it.
 * @throws AlreadyFetchingError when one of them has no key, SealedLeafError when they have different ones
 */
export function requireSameKey(root: CID, one: ShareSecret | undefined, other: ShareSecret | undefined): void {
  if (one === undefined || other === undefined) {
    if (one !== other) {
      throw new AlreadyFetchingError(root)
    }
  } else if (!one.equals(other)) {
    throw new SealedLeafError(root)
  }
}
