import type { PeerId } from '@libp2p/interface'
import { InvalidOptionError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import type { LimitsInForce, RateLimits } from '../types.ts'
import { Limiter } from './limiter.ts'
import type { RateTree } from './rate-tree.ts'

/** A lower cap is below what receivers take for a stalled peer, and a block would take longer than they wait. */
export const MIN_BYTES_PER_SECOND = 1024

/** The directions: the name that users give a cap by, and where it is kept. */
const DIRECTIONS = [
  ['uploadBytesPerSecond', 'up'],
  ['downloadBytesPerSecond', 'down']
] as const

type Apply = (tree: Pick<RateTree, 'limitNode' | 'limitShare' | 'limitPeer'>, cap: number, now: number) => void

/** What users set and read of the caps of this node. */
export class NodeLimits {
  readonly limiter = new Limiter()
  #node: RateLimits = {}
  readonly #shares = new Map<string, { readonly root: CID; readonly caps: RateLimits }>()
  readonly #peers = new Map<string, { readonly peer: PeerId; readonly caps: RateLimits }>()

  constructor(limits: RateLimits = {}) {
    this.setNode(limits)
  }

  setNode(limits: RateLimits): void {
    this.#node = this.#apply(this.#node, limits, (tree, cap, now) => {
      tree.limitNode(cap, now)
    })
  }

  setShare(root: CID, limits: RateLimits): void {
    const key = root.toString()
    const caps = this.#apply(this.#shares.get(key)?.caps, limits, (tree, cap, now) => {
      tree.limitShare(key, cap, now)
    })
    setUnlessEmpty(this.#shares, key, { root, caps })
  }

  setPeer(peer: PeerId, limits: RateLimits): void {
    const key = peer.toString()
    const caps = this.#apply(this.#peers.get(key)?.caps, limits, (tree, cap, now) => {
      tree.limitPeer(key, cap, now)
    })
    setUnlessEmpty(this.#peers, key, { peer, caps })
  }

  inForce(): LimitsInForce {
    return {
      node: { ...this.#node },
      shares: [...this.#shares.values()].map(({ root, caps }) => ({ root, ...caps })),
      peers: [...this.#peers.values()].map(({ peer, caps }) => ({ peer, ...caps }))
    }
  }

  /** Check all, then change what is named. Returns what is in force now. */
  #apply(former: RateLimits | undefined, limits: RateLimits, change: Apply): RateLimits {
    checkRateLimits(limits)
    const now = performance.now()
    const caps: RateLimits = {}
    for (const [name, direction] of DIRECTIONS) {
      const cap = limits[name]
      if (cap !== undefined) {
        change(this.limiter[direction], cap, now)
      }
      const kept = cap ?? former?.[name] ?? Infinity
      if (kept !== Infinity) {
        caps[name] = kept
      }
    }
    this.limiter.poll()
    return caps
  }
}

/** Throws `InvalidOptionError` for a cap that cannot work. */
export function checkRateLimits(limits: RateLimits): void {
  for (const [name] of DIRECTIONS) {
    const cap = limits[name]
    if (cap !== undefined && cap !== Infinity && (!Number.isSafeInteger(cap) || cap < MIN_BYTES_PER_SECOND)) {
      throw new InvalidOptionError(
        name,
        `${String(cap)} is neither Infinity nor a whole number of ${MIN_BYTES_PER_SECOND} or more`
      )
    }
  }
}

function setUnlessEmpty<T extends { readonly caps: RateLimits }>(all: Map<string, T>, key: string, entry: T): void {
  if (Object.keys(entry.caps).length > 0) {
    all.set(key, entry)
  } else {
    all.delete(key)
  }
}
