import type { CID } from 'multiformats/cid'
import { UnsupportedDagError } from './errors.ts'
import { murmur3x64 } from './murmur3.ts'
import type { UnixFsMessage } from './unixfs-message.ts'

/** Slots of a HAMT node. Both profiles, and every importer in use, have 256: one byte of the hash a level. */
export const FANOUT = 256

/** Multicodec of `murmur3-x64-64`. */
export const MURMUR3 = 0x22

/** Levels that 64 bits of hash can tell apart. */
export const MAX_HAMT_DEPTH = 8

const utf8 = new TextEncoder()

/** The slot of a name at each level of a HAMT. */
export function slotsOf(name: string): Uint8Array {
  return murmur3x64(utf8.encode(name))
}

/** The two characters that stand for a slot in a link's name. */
export function slotLabel(slot: number): string {
  return slot.toString(16).toUpperCase().padStart(2, '0')
}

/** Slots as a big-endian bit field without leading zero bytes, as go-bitfield writes it. `slots` is not empty. */
export function writeSlots(slots: readonly number[]): Uint8Array {
  const highest = slots.reduce((high, slot) => Math.max(high, slot), 0)
  const field = new Uint8Array(Math.floor(highest / 8) + 1)
  for (const slot of slots) {
    const at = field.byteLength - 1 - Math.floor(slot / 8)
    field[at] = (field[at] ?? 0) | (1 << (slot % 8))
  }
  return field
}

/**
 * The slots that a HAMT node says it uses, ascending.
 *
 * @throws UnsupportedDagError for another hash, or unless there are as many slots as links.
 */
export function readSlots(cid: CID, message: UnixFsMessage, links: number): number[] {
  if (message.hashType !== MURMUR3) {
    throw new UnsupportedDagError(`HAMT hash ${message.hashType ?? 'missing'} is not murmur3-x64-64`, cid)
  }
  const field = message.data ?? new Uint8Array(0)
  if (field.byteLength > FANOUT / 8) {
    throw new UnsupportedDagError(`HAMT bitfield of ${field.byteLength} bytes`, cid)
  }
  const slots: number[] = []
  for (let slot = 0; slot < field.byteLength * 8; slot++) {
    const byte = field[field.byteLength - 1 - Math.floor(slot / 8)] ?? 0
    if ((byte & (1 << (slot % 8))) !== 0) {
      slots.push(slot)
    }
  }
  if (slots.length !== links) {
    throw new UnsupportedDagError(`HAMT bitfield has ${slots.length} slots for ${links} links`, cid)
  }
  return slots
}
