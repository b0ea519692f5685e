import type { PeerId } from '@libp2p/interface'
import type { DhtContact, Contacts } from './rpc/contacts.ts'
import { holdersFor } from './rules/holders-for.ts'
import type { Position } from './rules/position.ts'
import type { DhtCollaborators } from './types.ts'

/** Of the peers in the table, so many must be members before membership is believed to know the whole network. */
const COMPLETE_SHARE = 0.9

/** What membership says about who holds a key. */
export interface HolderView {
  /** Nearest first; everybody in a small network. */
  readonly holders: readonly DhtContact[]
  /** Members alive, this node not counted. */
  readonly members: number
}

/** `undefined` when membership is not there, or knows only a part of the network: then a walk has to find out. */
export function viewOf(
  target: Position,
  membership: DhtCollaborators['membership'],
  table: readonly PeerId[],
  contacts: Contacts,
  self: PeerId
): HolderView | undefined {
  const alive = membership?.members?.().filter(({ state, id }) => state === 'alive' && !id.equals(self)) ?? []
  if (membership === undefined || alive.length === 0) {
    return undefined
  }
  const known = table.filter((id) => membership.member(id) !== undefined).length
  const holders = holdersFor(
    target,
    alive.map(({ id, metadata }) => contacts.of(id, metadata?.addresses ?? [], true)),
    table.length > 0 && known >= COMPLETE_SHARE * table.length
  )
  return holders === undefined ? undefined : { holders, members: alive.length }
}
