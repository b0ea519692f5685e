/** A contact of kad-dht's table, with its id in the key space. */
export interface TableContact {
  readonly kadId: Uint8Array
}

/** kad-dht's table: each level splits by one bit of the id, a zero to the left. */
export type Bucket<C extends TableContact> =
  { readonly peers: readonly C[] } | { readonly left: Bucket<C>; readonly right: Bucket<C> }

/**
 * The `count` contacts nearest to `target`, nearest first. All of one half are nearer than all of the other, so it goes
 * down the half that `target` is in, and into the other only for what is missing: it looks at `count` contacts and the
 * rest of one bucket, however large the table is. kad-dht's own `closest()` looks at all.
 */
export function nearest<C extends TableContact>(table: Bucket<C>, target: Uint8Array, count: number): C[] {
  const found: C[] = []
  const visit = (bucket: Bucket<C>, depth: number): void => {
    if (found.length >= count) {
      return
    }
    if ('peers' in bucket) {
      found.push(...bucket.peers.toSorted((a, b) => compareDistance(a.kadId, b.kadId, target)))
      return
    }
    const isRight = bitOf(target, depth)
    visit(isRight ? bucket.right : bucket.left, depth + 1)
    visit(isRight ? bucket.left : bucket.right, depth + 1)
  }
  visit(table, 0)
  return found.slice(0, count)
}

function bitOf(id: Uint8Array, at: number): boolean {
  return (((id[at >> 3] ?? 0) >> (7 - (at & 7))) & 1) === 1
}

/** Negative when `a` is nearer: the first byte in which they differ decides. */
function compareDistance(a: Uint8Array, b: Uint8Array, target: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index])
  const to = target[at] ?? 0
  return at === -1 ? 0 : ((a[at] ?? 0) ^ to) - ((b[at] ?? 0) ^ to)
}
