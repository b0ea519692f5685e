import type { PeerId } from '@libp2p/interface'

/** Of two asks that cross, the one of the peer whose id is less, as text, is answered. Pure. */
export function goesFirst(mine: PeerId, theirs: PeerId): boolean {
  return mine.toString() < theirs.toString()
}
