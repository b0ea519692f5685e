import type { CID } from 'multiformats/cid'
import { SHARE_TOPIC_PREFIX } from './constants.ts'

/** The topic of one share. Versions 0 and 1 of the same CID are the same share. */
export function shareTopic(root: CID): string {
  return `${SHARE_TOPIC_PREFIX}${root.toV1().toString()}`
}
