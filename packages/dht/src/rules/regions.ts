import { REPLICATION } from './network-size.ts'
import { distanceOf } from './position.ts'
import type { Contact, Position } from './position.ts'
import { halves, isUnder } from './prefix.ts'
import type { Prefix } from './prefix.ts'

/** A part of the key space with everybody in it: all holders of all its keys, at least 20 of them. */
export interface Region<C extends Contact> {
  readonly prefix: Prefix
  readonly contacts: readonly C[]
}

/** `contacts` of `prefix` in the smallest parts that still hold 20 each. */
export function regionsOf<C extends Contact>(prefix: Prefix, contacts: readonly C[]): readonly Region<C>[] {
  const inside = contacts.filter(({ position }) => isUnder(position, prefix))
  const parts = halves(prefix).map((half) => ({
    half,
    own: inside.filter(({ position }) => isUnder(position, half))
  }))
  return parts.length > 0 && parts.every(({ own }) => own.length >= REPLICATION)
    ? parts.flatMap(({ half, own }) => regionsOf(half, own))
    : [{ prefix, contacts: inside }]
}

/** Who is told of a key of the region: the 20 nearest, nearest first. */
export function holdersIn<C extends Contact>({ contacts }: Region<C>, key: Position): readonly C[] {
  return [...contacts].sort((a, b) => distanceOf(a.position, key) - distanceOf(b.position, key)).slice(0, REPLICATION)
}
