import type { PeerId } from '@libp2p/interface'
import { NotStartedError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import type { NodeStore } from '../store/node-store.ts'
import type { Share } from '../types.ts'
import type { Content } from './content.ts'
import type { Receivers } from './receivers.ts'
import type { Swarm } from './swarm.ts'
import type { SwarmEvents } from './swarm-events.ts'

/** What is known of a share without opening it. */
export interface ShareInfo {
  readonly root: CID
  readonly name: string
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly bytes: number
  readonly files: number
  readonly leaves: number
  readonly isPrivate?: true
}

/** One share of this node, being fetched, being served, or asleep until somebody asks for it. */
export interface Entry {
  readonly root: CID
  readonly swarm: Swarm
  /** Ends everything of this share, a download that is under way included. */
  readonly abort: AbortController
  /** Ends the search for sources: a share that is complete needs none. */
  readonly seek: AbortController
  /** Who hears what the swarm does: the download, later nobody but the log. */
  events: SwarmEvents
  /** Remembered from an earlier run and not opened yet. */
  asleep: boolean
  info: ShareInfo
  nodes?: NodeStore
  content?: Content
  /** Opens a sleeping share; one call at a time. */
  waking?: Promise<void>
  /** Those who read it now and are no peers: it does not go to sleep under them. */
  uses: number
  bytesSent: number
  readonly receivers: Receivers
  /** Only what somebody reads is fetched, for as long as somebody does. */
  isTemporary?: boolean
  /** What is done with its files, if that ends by itself soon after `abort`: they are let go of then. */
  work?: Promise<void>
  /** Was served in its place, and is parked meanwhile. */
  former?: Entry
}

/** What users see of an entry. */
export function toShare(entry: Entry): Share {
  const { info, content, bytesSent, receivers } = entry
  return { ...info, have: content?.store.haveCount ?? info.leaves, bytesSent, receivers: receivers.all() }
}

/** So much went to a peer; which one is not known any more when it has just left. */
export function countSent(entry: Entry, bytes: number, peer: PeerId | undefined): void {
  entry.bytesSent += bytes
  if (peer !== undefined) {
    entry.receivers.add(peer, bytes)
  }
}

/** A download that is under way: not all of it is here, or its map is not known yet. */
export function isFetching(entry: Entry): boolean {
  return entry.content === undefined || entry.swarm.missing > 0 || entry.isTemporary === true
}

/** Stop everything of a share and of what is parked for it, and release its files. */
export async function closeEntry(entry: Entry, reason: string): Promise<void> {
  const { former } = entry
  delete entry.former
  parkEntry(entry, reason)
  await entry.waking?.catch(() => undefined)
  await entry.work
  await settleAll([
    async () => releaseFiles(entry),
    async () => {
      await (former && closeEntry(former, reason))
    }
  ])
}

/** Stop everything of a share and keep its files open: it may be served again. */
export function parkEntry(entry: Entry, reason: string): void {
  entry.seek.abort()
  entry.abort.abort(new NotStartedError(`the share was closed: ${reason}`))
  entry.swarm.stop(reason)
}

/** Let go of what a share has open: of all of it, also when some cannot be closed well. */
export async function releaseFiles({ content, nodes }: Pick<Entry, 'content' | 'nodes'>): Promise<void> {
  await settleAll([async () => content?.store.close(), async () => nodes?.close()])
}

/** Resolves, or rejects with the first failure, when all have ended. */
async function settleAll(all: ReadonlyArray<() => Promise<void>>): Promise<void> {
  const ended = await Promise.allSettled(all.map(async (each) => each()))
  for (const each of ended) {
    if (each.status === 'rejected') {
      throw each.reason
    }
  }
}
