/** Leaves that one receiver may need soon: what comes later is not urgent yet, and is offered as to others. */
export const MAX_URGENT_LEAVES = 256

/** What receivers need soon and were not offered since they said so. Pure. */
export class UrgentLeaves<Owner> {
  readonly #of = new Map<Owner, readonly number[]>()

  get isEmpty(): boolean {
    return this.#of.size === 0
  }

  has(owner: Owner, leaf: number): boolean {
    return this.#of.get(owner)?.includes(leaf) === true
  }

  /** In place of what it said before; `MAX_URGENT_LEAVES` of them count. */
  set(owner: Owner, leaves: readonly number[]): void {
    this.#of.delete(owner)
    if (leaves.length > 0) {
      this.#of.set(owner, leaves.slice(0, MAX_URGENT_LEAVES))
    }
  }

  delete(owner: Owner): void {
    this.#of.delete(owner)
  }

  /** The first that can be offered; those that cannot are not urgent any more. */
  next(owner: Owner, mayOffer: (leaf: number) => boolean): number | undefined {
    this.set(owner, (this.#of.get(owner) ?? []).filter(mayOffer))
    return this.#of.get(owner)?.[0]
  }

  /** The leaf was offered. */
  offered(owner: Owner, leaf: number): void {
    this.set(
      owner,
      (this.#of.get(owner) ?? []).filter((other) => other !== leaf)
    )
  }
}
