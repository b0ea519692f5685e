import type { AbortOptions, PeerId } from '@libp2p/interface'
import { GroupCap } from './group-cap.ts'
import { placeOf } from './place.ts'
import type { PlaceComponents } from './place.ts'

interface TableContact {
  readonly kadId: Uint8Array
  readonly peerId: PeerId
}

/** The part of kad-dht's table that decides who gets in. */
export interface CappedTable {
  addEventListener(type: 'peer:remove', listener: (event: CustomEvent<PeerId>) => void): void
  readonly kb: {
    get(kadId: Uint8Array): TableContact | undefined
    /** Whether a peer is there; each that is new is asked before it gets in. */
    verify: (contact: TableContact, options?: AbortOptions) => Promise<boolean>
  }
}

/**
 * Let few contacts of one place (`placeOf`) into a table, by the connection they answered over. Who has none left by then
 * is not let in; it is asked again when it is met again.
 */
export function capGroups(table: CappedTable, components: PlaceComponents): void {
  const { kb } = table
  const cap = new GroupCap((kadId) => kb.get(kadId) !== undefined)
  table.addEventListener('peer:remove', ({ detail }) => {
    cap.left(detail.toString())
  })
  const verify = kb.verify.bind(kb)
  kb.verify = async (contact, options) => {
    if (!(await verify(contact, options))) {
      return false
    }
    const { peerId, kadId } = contact
    const place = placeOf(peerId, components)
    return place !== undefined && cap.admits({ peer: peerId.toString(), kadId }, place, Date.now())
  }
}
