/** That a peer provides a key, as a holder keeps it. */
export interface ProviderRecord {
  /** Key of the network: the multihash, as base64url text. */
  readonly key: string
  /** Peer id as text; always the one who sent it. */
  readonly provider: string
  /** Binary multiaddrs, as the provider sent them; none: whatever the peer store knows. */
  readonly addresses: ReadonlyArray<Uint8Array<ArrayBuffer>>
  /** Milliseconds since the Unix epoch. */
  readonly receivedAt: number
  /** IP group it was sent from (`ipGroup`), if that counts. */
  readonly group?: string
}

/** How long a record is served (go-libp2p and Kubo: 48 h); its provider renews it before. */
export const RECORD_VALIDITY_MS = 48 * 60 * 60 * 1000

/** Bytes of a key: a CID's multihash has 34; the standard's identity keys are longer. */
export const MAX_KEY_BYTES = 80

/** Addresses of a record. A node behind several relays on IPv4 and IPv6 has fewer. */
export const MAX_RECORD_ADDRESSES = 16

/** Their bytes in all: 512 for each, more than two relays and certificate hashes take. */
export const MAX_RECORD_ADDRESS_BYTES = 8 * 1024

/** Text and object of a record beside its addresses, about. */
const RECORD_OVERHEAD_BYTES = 320

/** What a record takes in memory, about. */
export function recordBytes({ addresses }: ProviderRecord): number {
  return addresses.reduce((sum, address) => sum + address.byteLength + 64, RECORD_OVERHEAD_BYTES)
}
