import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_RECEIVE_BYTES, MIN_SHARED_BYTES, ReceiveBuffers, receiveBytes } from '../../src/share/receive-buffers.ts'

const MIB = 1024 * 1024

/** The buffer, which has to be there. */
function take(buffers: ReceiveBuffers, bytes: number, always = false): Uint8Array {
  const buffer = buffers.take(bytes, always)
  expect(buffer).toBeDefined()
  return buffer ?? new Uint8Array()
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

describe('buffers for leaves', () => {
  test('are in shared memory and used again, the last one first', () => {
    const buffers = new ReceiveBuffers()
    const [first, second] = [take(buffers, MIB), take(buffers, MIB)]
    expect(first.buffer).toBeInstanceOf(SharedArrayBuffer)
    buffers.give(first)
    buffers.give(second)
    expect([take(buffers, MIB), take(buffers, MIB - 1000)]).toEqual([second, first])
  })

  test('small ones are memory of their own', () => {
    const buffers = new ReceiveBuffers()
    const small = take(buffers, MIN_SHARED_BYTES - 1)
    expect([small.byteLength, small.buffer instanceof SharedArrayBuffer]).toEqual([MIN_SHARED_BYTES - 1, false])
    buffers.give(small)
    expect(buffers.usedBytes).toBe(0)
  })

  test('fill MAX_RECEIVE_BYTES and no byte more, but for those who have none', () => {
    const buffers = new ReceiveBuffers()
    for (let bytes = 0; bytes < MAX_RECEIVE_BYTES; bytes += MIB) {
      take(buffers, MIB)
    }
    expect(buffers.take(1, false)).toBeUndefined()
    take(buffers, MIB, true)
    expect(buffers.usedBytes).toBe(MAX_RECEIVE_BYTES + MIB)
  })

  test('of a size that nobody uses any more make room for others', () => {
    const buffers = new ReceiveBuffers(4 * MIB)
    for (const buffer of Array.from({ length: 4 }, () => take(buffers, MIB))) {
      buffers.give(buffer)
    }
    const large = [take(buffers, 2 * MIB), take(buffers, 2 * MIB)]
    expect(new Set(large).size).toBe(2)
  })
})

test.each([
  [0, 4],
  [1, 4],
  [4, 10],
  [7, 16],
  [64, 16]
])('for %i workers there are %i MiB, and never more than MAX_RECEIVE_BYTES', (workers, mebibytes) => {
  expect(receiveBytes(workers)).toBe(mebibytes * MIB)
  expect(receiveBytes(workers)).toBeLessThanOrEqual(MAX_RECEIVE_BYTES)
})

describe('who waits for one', () => {
  test('is woken in the order in which they came, when there is room', async () => {
    const buffers = new ReceiveBuffers(2 * MIB)
    const held = [take(buffers, MIB), take(buffers, MIB)]
    const woken: number[] = []
    for (const name of [1, 2, 3]) {
      buffers.wait(MIB, () => {
        woken.push(name)
        take(buffers, MIB)
      })
    }
    await turn()
    expect(woken).toEqual([])
    buffers.give(held[0] ?? new Uint8Array())
    expect(woken, 'not within the call').toEqual([])
    await turn()
    expect(woken).toEqual([1])
    buffers.give(held[1] ?? new Uint8Array())
    await turn()
    expect(woken).toEqual([1, 2])
  })

  test('is not overtaken by who comes later', async () => {
    const buffers = new ReceiveBuffers(2 * MIB)
    const held = take(buffers, 2 * MIB)
    let got = false
    buffers.wait(2 * MIB, () => {
      take(buffers, 2 * MIB)
      got = true
    })
    buffers.give(held)
    expect(buffers.take(1000, false)).toBeUndefined()
    await turn()
    expect(got).toBe(true)
  })

  test('and gives up lets the next one through', async () => {
    const buffers = new ReceiveBuffers(2 * MIB)
    take(buffers, MIB)
    const cancel = buffers.wait(2 * MIB, () => expect.unreachable())
    let got = false
    buffers.wait(MIB, () => {
      got = true
    })
    await turn()
    expect(got).toBe(false)
    cancel()
    await turn()
    expect(got).toBe(true)
  })
})

test('no buffer is in use twice, and what is in use is what was counted', () => {
  const step = fc.oneof(
    fc.record({ take: fc.integer({ min: 1, max: 2 * MIB }), always: fc.boolean() }),
    fc.record({ give: fc.nat({ max: 30 }) })
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const buffers = new ReceiveBuffers(4 * MIB)
      const held: Uint8Array[] = []
      for (const now of steps) {
        if ('take' in now) {
          const before = buffers.usedBytes
          const buffer = buffers.take(now.take, now.always)
          if (buffer !== undefined) {
            expect(buffer.byteLength).toBeGreaterThanOrEqual(now.take)
            expect(held.includes(buffer)).toBe(false)
            expect(now.always || buffers.usedBytes <= 4 * MIB).toBe(true)
            held.push(buffer)
          } else {
            expect([now.always, buffers.usedBytes]).toEqual([false, before])
          }
        } else {
          const [buffer] = held.splice(now.give, 1)
          if (buffer !== undefined) {
            buffers.give(buffer)
          }
        }
        expect(buffers.usedBytes).toBe(held.reduce((sum, { byteLength }) => sum + byteLength, 0))
      }
    }),
    { numRuns: 50 }
  )
})
