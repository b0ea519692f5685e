import type { ProfileName } from '../membership/profile.ts'

const second = 1000

/** The stream of a link. A named network has one of its own, so that networks on the same hosts leave each other alone. */
export function membershipProtocol(network: string): string {
  return network === '' ? '/p2pshare/membership/1' : `/p2pshare/membership/1/${network}`
}

/** How long opening a link may take, a punched connection included. */
export const DIAL_MS: Readonly<Record<ProfileName, number>> = { local: 2 * second, lan: 5 * second, wan: 10 * second }

/** How long the peer of a connection that ended may take to answer again: a refusal comes within a round trip. */
export const REDIAL_MS: Readonly<Record<ProfileName, number>> = { local: 500, lan: 1 * second, wan: 2 * second }

/** Changes are written at most so often: a disk is slower than a network that forms. */
export const SNAPSHOT_MS = 5 * second

/** How long transports may take to listen before this node joins without addresses, and tells them later. */
export const LISTEN_MS = 500

/** How long members of the snapshot are kept to be asked: by then one of them has answered, or none is there. */
export const CONTACTS_MS = 60 * second
