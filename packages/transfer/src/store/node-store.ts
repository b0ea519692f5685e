import type { AbortOptions } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'

/** The inner nodes of one share, each verified before it is put. */
export interface NodeStore {
  has(cid: CID): boolean
  /** `undefined` when it is not here. */
  get(cid: CID, options?: AbortOptions): Promise<Uint8Array | undefined>
  put(cid: CID, block: Uint8Array, options?: AbortOptions): Promise<void>
  /** Everything put so far survives the death of the process. */
  flush(options?: AbortOptions): Promise<void>
  close(): Promise<void>
}
