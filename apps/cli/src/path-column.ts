import type { PathKind } from '@p2pshare/interface'

/** Peers whose paths are remembered; the one looked at longest ago goes. */
export const MAX_PATHS_KEPT = 256

/** Remembers what a path was before, so that a line can say `relay -> direct`. */
export class PathColumn {
  readonly #paths = new Map<string, { readonly now: PathKind; readonly before?: PathKind }>()

  /** Look at the path of `key`; what it was before the last change, if it changed. `none` is not a path to come from. */
  see(key: string, now: PathKind): PathKind | undefined {
    const known = this.#paths.get(key)
    if (now === 'none') {
      return undefined
    }
    const changed = known !== undefined && known.now !== now
    const before = changed ? known.now : known?.before
    // again at the end: the map's order is that of the last look
    this.#paths.delete(key)
    this.#paths.set(key, before === undefined ? { now } : { now, before })
    const [oldest] = this.#paths.keys()
    if (this.#paths.size > MAX_PATHS_KEPT && oldest !== undefined) {
      this.#paths.delete(oldest)
    }
    return before
  }
}

/** `direct`, or `relay -> direct` for one that changed; empty when there is none. ASCII. */
export function pathText(now: PathKind, before?: PathKind): string {
  if (now === 'none') {
    return ''
  }
  return before === undefined || before === now ? now : `${before} -> ${now}`
}
