import { MAX_EARLY_IDS, MAX_EARLY_PACKETS, MAX_EARLY_PACKET_BYTES, UDX_PACKET_BYTE } from './constants.ts'

/** Where a UDX packet says which stream it is for, and how long its header is. */
const ID_OFFSET = 4
const HEADER_BYTES = 20

/**
 * Packets of streams that are agreed on and not made yet. UDX would drop them, and the other end send them again only a
 * second later. They are kept for ids that are reserved, so that nobody else can fill this, and few of them: an end that had
 * no answer sends little. Pure.
 */
export class EarlyPackets {
  readonly #packets = new Map<number, Uint8Array[]>()

  /** A packet that no stream took; `isReserved` says whether one will. */
  keep(packet: Uint8Array, isReserved: (id: number) => boolean): void {
    if (packet.length < HEADER_BYTES || packet.length > MAX_EARLY_PACKET_BYTES || packet[0] !== UDX_PACKET_BYTE) {
      return
    }
    // a datagram is a view of a large buffer that is shared with others
    const bytes = Buffer.from(packet)
    // UDX writes its numbers the other way round
    const id = bytes.readUInt32LE(ID_OFFSET)
    const known = this.#packets.get(id)
    if (!isReserved(id) || (known === undefined && this.#packets.size >= MAX_EARLY_IDS)) {
      return
    }
    const packets = known ?? []
    if (packets.length < MAX_EARLY_PACKETS) {
      packets.push(bytes)
      this.#packets.set(id, packets)
    }
  }

  /** What came for an id, which is forgotten with that. */
  take(id: number): Uint8Array[] {
    const packets = this.#packets.get(id) ?? []
    this.#packets.delete(id)
    return packets
  }
}
