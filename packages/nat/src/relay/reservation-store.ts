import type { PeerId, Transport } from '@libp2p/interface'

/** What we use of the store that libp2p's circuit transport keeps of its reservations; it is public, but has no type of its own. */
export interface ReservationStoreView {
  hasReservation(peer: PeerId): boolean
  getReservation(peer: PeerId): { readonly expire: bigint } | undefined
  addRelay(peer: PeerId, type: 'configured'): Promise<unknown>
  addEventListener(type: StoreEvent, listener: (event: CustomEvent<PlaceEvent>) => void): void
  removeEventListener(type: StoreEvent, listener: (event: CustomEvent<PlaceEvent>) => void): void
}

/** A place, taken or gone. */
export interface PlaceEvent {
  readonly relay: PeerId
  /** Of one that was taken: the id of the connection that it was asked for over, and what the relay answered. */
  readonly details?: { readonly connection: string; readonly reservation: { addrs: Uint8Array[] } }
}

type StoreEvent = 'relay:created-reservation' | 'relay:removed'

/** `undefined`: this node has no transport for circuits, or one of another kind. */
export function findReservationStore(transports: readonly Transport[]): ReservationStoreView | undefined {
  for (const transport of transports) {
    const { reservationStore: store } = transport as Transport & { readonly reservationStore?: unknown }
    if (isStore(store)) {
      return store
    }
  }
  return undefined
}

function isStore(store: unknown): store is ReservationStoreView {
  const view = store as Partial<ReservationStoreView> | null | undefined
  return typeof view?.getReservation === 'function' && typeof view.addRelay === 'function'
}
