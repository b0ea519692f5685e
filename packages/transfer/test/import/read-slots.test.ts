import { describe, expect, it } from 'vitest'
import { MAX_SLOT_BYTES, ReadSlots } from '../../src/import/read-slots.ts'
import type { Slot } from '../../src/import/read-slots.ts'

const KiB = 1024
const MiB = 1024 * KiB

/** The slot, if there was one at once. */
function atOnce(taken: Slot | Promise<Slot>): Slot | undefined {
  return taken instanceof Uint8Array ? taken : undefined
}

/** The slot that must be there at once. */
function given(taken: Slot | Promise<Slot>): Slot {
  const slot = atOnce(taken)
  if (slot === undefined) {
    throw new TypeError('no slot')
  }
  return slot
}

describe('ReadSlots', () => {
  it('gives the smallest slot that is large enough', () => {
    const slots = new ReadSlots(MiB)
    const sizes = [0, 1, 16 * KiB, 16 * KiB + 1, 64 * KiB + 1, 256 * KiB + 1, MiB]
    expect(sizes.map((bytes) => atOnce(slots.take(bytes))?.byteLength)).toEqual([
      16 * KiB,
      16 * KiB,
      16 * KiB,
      64 * KiB,
      256 * KiB,
      MiB,
      MiB
    ])
  })

  it('has slots that other threads see', () => {
    expect(atOnce(new ReadSlots(MiB).take(1))?.buffer).toBeInstanceOf(SharedArrayBuffer)
  })

  it('gives out MAX_SLOT_BYTES together, and the next when one comes back', async () => {
    const slots = new ReadSlots(MiB)
    const first = given(slots.take(MiB))
    for (let taken = MiB; taken < MAX_SLOT_BYTES; taken += MiB) {
      given(slots.take(MiB))
    }
    expect(slots.outBytes).toBe(MAX_SLOT_BYTES)
    const next = slots.take(1)
    expect(atOnce(next)).toBeUndefined()
    slots.give(first)
    expect((await next).byteLength).toBe(16 * KiB)
  })

  it('uses a slot again', () => {
    const slots = new ReadSlots(MiB)
    const first = given(slots.take(MiB))
    slots.give(first)
    expect(atOnce(slots.take(MiB))).toBe(first)
  })

  it('serves those who wait in the order of asking: a large one is not passed by small ones for ever', async () => {
    const slots = new ReadSlots(MiB, 2 * MiB)
    const a = given(slots.take(MiB))
    const b = given(slots.take(MiB))
    const order: string[] = []
    const large = Promise.resolve(slots.take(MiB)).then(() => order.push('large'))
    const small = Promise.resolve(slots.take(1)).then(() => order.push('small'))
    slots.give(a)
    slots.give(b)
    await Promise.all([large, small])
    expect(order).toEqual(['large', 'small'])
  })

  it('gives out one slot that is larger than the limit', () => {
    const slots = new ReadSlots(4 * MiB, MiB)
    expect(atOnce(slots.take(4 * MiB))?.byteLength).toBe(4 * MiB)
    expect(atOnce(slots.take(4 * MiB))).toBeUndefined()
  })
})
