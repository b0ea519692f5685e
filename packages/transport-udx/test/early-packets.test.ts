import { expect, test } from 'vitest'
import { MAX_EARLY_IDS, MAX_EARLY_PACKETS, MAX_EARLY_PACKET_BYTES } from '../src/constants.ts'
import { EarlyPackets } from '../src/early-packets.ts'

function packet(id: number, length = 20): Buffer {
  const bytes = Buffer.alloc(length)
  bytes[0] = 0xff
  bytes.writeUInt32LE(id, 4)
  return bytes
}

const anyId = (): boolean => true

test('packets of reserved ids are kept in order, and given once', () => {
  const early = new EarlyPackets()
  early.keep(packet(7, 20), (id) => id === 7)
  early.keep(packet(7, 21), (id) => id === 7)
  early.keep(packet(8, 22), (id) => id === 7)
  expect(early.take(7).map(({ length }) => length)).toEqual([20, 21])
  expect(early.take(7)).toEqual([])
  expect(early.take(8)).toEqual([])
})

test('so many packets of an id are kept, and not one more', () => {
  const early = new EarlyPackets()
  for (let count = 0; count <= MAX_EARLY_PACKETS; count++) {
    early.keep(packet(7), anyId)
  }
  expect(early.take(7)).toHaveLength(MAX_EARLY_PACKETS)
})

test('so many ids are kept, and not one more', () => {
  const early = new EarlyPackets()
  for (let id = 1; id <= MAX_EARLY_IDS + 1; id++) {
    early.keep(packet(id), anyId)
  }
  expect(early.take(MAX_EARLY_IDS)).toHaveLength(1)
  expect(early.take(MAX_EARLY_IDS + 1)).toEqual([])
})

test('the largest packet is kept, and no larger one, no shorter one, and nothing else', () => {
  const early = new EarlyPackets()
  early.keep(packet(7, MAX_EARLY_PACKET_BYTES + 1), anyId)
  early.keep(packet(7, 20).subarray(0, 19), anyId)
  early.keep(Buffer.alloc(20), anyId)
  early.keep(packet(7, MAX_EARLY_PACKET_BYTES), anyId)
  expect(early.take(7).map(({ length }) => length)).toEqual([MAX_EARLY_PACKET_BYTES])
})
