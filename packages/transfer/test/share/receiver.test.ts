import { describe, expect, test } from 'vitest'
import { MAX_UNASKED_BYTES, Receiver } from '../../src/share/receiver.ts'

const MIB = 1024 * 1024
const LEAF_BYTES = 40_000
/** A leaf of 2 MiB. */
const LARGE = 5

/** A receiver that expects the leaves below ten, with what it put together. */
function receiver() {
  const leaves: Array<{ leaf: number; bytes: Uint8Array }> = []
  const released: Uint8Array[] = []
  const received = { wanted: 0, unwanted: 0 }
  const made = new Receiver({
    pool: { acquire: (bytes) => new Uint8Array(bytes), release: (buffer) => released.push(buffer) },
    expects: (leaf) => (leaf === LARGE ? 2 * MIB : leaf < 10 ? LEAF_BYTES : undefined),
    leaf: (leaf, bytes, release) => {
      leaves.push({ leaf, bytes: bytes.slice() })
      release()
    },
    expectsNode: () => false,
    node: () => undefined,
    received: (bytes, wanted) => {
      received[wanted ? 'wanted' : 'unwanted'] += bytes
    }
  })
  return { made, leaves, released, received }
}

function data(leaf: number, firstBlock: number, bytes: number) {
  return { kind: 'data', leaf, firstBlock, bytes } as const
}

describe('putting leaves together', () => {
  test('blocks in any order, in pieces of any size, make the leaf once', () => {
    const { made, leaves, released } = receiver()
    made.header(data(3, 1, LEAF_BYTES - 16_384))
    made.body(new Uint8Array(10_000).fill(2), false)
    made.body(new Uint8Array(LEAF_BYTES - 16_384 - 10_000).fill(3), true)
    made.header(data(3, 0, 16_384))
    made.body(new Uint8Array(16_384).fill(1), true)
    expect(leaves).toHaveLength(1)
    expect([...new Set(leaves[0]?.bytes)]).toEqual([1, 2, 3])
    expect(released).toHaveLength(1)
  })

  test.each([
    ['past the end', data(0, 2, 10_000)],
    ['ending inside a block', data(0, 0, 100)]
  ])('a frame %s is refused', (_, header) => {
    const { made } = receiver()
    expect(() => {
      made.header(header)
    }).toThrow(expect.objectContaining({ code: 'ERR_INVALID_MESSAGE' }))
  })

  test('a leaf that is no longer asked for gives its buffer back, and the rest of its body is discarded', () => {
    const { made, leaves, released } = receiver()
    made.header(data(1, 0, LEAF_BYTES))
    made.body(new Uint8Array(1000), false)
    made.forget(1)
    made.body(new Uint8Array(LEAF_BYTES - 1000), true)
    expect([leaves.length, released.length]).toEqual([0, 1])
  })
})

describe('what nobody asked for', () => {
  test('may come to MAX_UNASKED_BYTES; one byte more ends the session', () => {
    const { made, received } = receiver()
    for (let at = 0; at < MAX_UNASKED_BYTES; at += MIB) {
      made.header(data(99, 0, MIB))
      made.body(new Uint8Array(MIB), true)
    }
    expect(received.unwanted).toBe(MAX_UNASKED_BYTES)
    made.header(data(99, 0, 1))
    expect(() => {
      made.body(new Uint8Array(1), true)
    }).toThrow(expect.objectContaining({ code: 'ERR_INVALID_MESSAGE' }))
  })

  test('is made up for by what was', () => {
    const { made, received, leaves, released } = receiver()
    const large = new Uint8Array(2 * MIB)
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < MAX_UNASKED_BYTES; at += MIB) {
        made.header(data(99, 0, MIB))
        made.body(new Uint8Array(MIB), true)
      }
      for (let at = 0; at < 8 * MAX_UNASKED_BYTES; at += 2 * MIB) {
        made.header(data(LARGE, 0, 2 * MIB))
        made.body(large, true)
        leaves.length = released.length = 0
      }
    }
    expect(received.unwanted).toBe(3 * MAX_UNASKED_BYTES)
  })
})
