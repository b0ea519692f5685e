import type { CID } from 'multiformats/cid'
import type { NodeStore } from '../store/node-store.ts'
import type { Share } from '../types.ts'
import type { Content } from './content.ts'
import type { Swarm } from './swarm.ts'

/** What is known of a share without opening it. */
export interface ShareInfo {
  readonly root: CID
  readonly name: string
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly bytes: number
  readonly files: number
  readonly leaves: number
}

/** One share of this node, being fetched, being served, or asleep until somebody asks for it. */
export interface Entry {
  readonly root: CID
  readonly swarm: Swarm
  /** Ends discovery and dials of this share. */
  readonly abort: AbortController
  info: ShareInfo
  nodes?: NodeStore
  content?: Content
  /** Opens a sleeping share; one call at a time. */
  waking?: Promise<void>
  bytesSent: number
}

/** What users see of an entry. */
export function toShare(entry: Entry): Share {
  const { info, content, bytesSent } = entry
  return { ...info, have: content?.store.haveCount ?? info.leaves, bytesSent }
}

/** A download that is under way: not all of it is here, or its map is not known yet. */
export function isFetching(entry: Entry): boolean {
  return entry.content === undefined || entry.swarm.missing > 0
}

/** Stop everything of a share and release its files. */
export async function closeEntry(entry: Entry, reason: string): Promise<void> {
  entry.abort.abort()
  entry.swarm.stop(reason)
  await entry.waking?.catch(() => undefined)
  await Promise.all([entry.content?.store.close(), entry.nodes?.close()])
}
