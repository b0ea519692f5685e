import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'
import { groupOfAddress } from '../rpc/contacts.ts'
import { GroupCap } from './group-cap.ts'

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

/** What is asked about connections and own addresses. */
export interface CapComponents {
  readonly connectionManager: Pick<KadDHTComponents['connectionManager'], 'getConnections'>
  readonly addressManager: Pick<KadDHTComponents['addressManager'], 'getAddresses'>
}

/**
 * Let few contacts of one IP group into a table, by the address they answered from: what a peer says of itself is not
 * asked. Private addresses have no group, and who shares one of ours is a neighbour. One that is reached over a relay has
 * no address to judge by, and relays have limits of their own.
 */
export function capGroups(table: CappedTable, { connectionManager, addressManager }: CapComponents): void {
  const { kb } = table
  const kadIds = new Map<string, Uint8Array>()
  const cap = new GroupCap((peer) => {
    const kadId = kadIds.get(peer)
    return kadId !== undefined && kb.get(kadId) !== undefined
  })
  table.addEventListener('peer:remove', ({ detail }) => {
    kadIds.delete(detail.toString())
    cap.left(detail.toString())
  })
  const verify = kb.verify.bind(kb)
  kb.verify = async (contact, options) => {
    if (!(await verify(contact, options))) {
      return false
    }
    const address = connectionManager
      .getConnections(contact.peerId)
      .map(({ remoteAddr }) => remoteAddr)
      .find((each) => !isRelayed(each))
    const group = address === undefined ? undefined : groupOfAddress(address)
    const ours = addressManager.getAddresses().map(groupOfAddress)
    if (group === undefined || ours.includes(group)) {
      return true
    }
    const peer = contact.peerId.toString()
    const fits = cap.admits(peer, group)
    if (fits) {
      kadIds.set(peer, contact.kadId)
    }
    return fits
  }
}

function isRelayed(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'p2p-circuit')
}
