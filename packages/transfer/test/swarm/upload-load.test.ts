import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '../../src/constants.ts'
import { STUCK_MS, UploadLoad } from '../../src/swarm/upload-load.ts'
import { UploadQueue } from '../../src/swarm/upload-queue.ts'

const LEAF_BYTES = 16 * BLOCK_BYTES
const run = (leaf: number) => ({ leaf, first: 0, count: 16 })

function load(): UploadLoad {
  return new UploadLoad({
    queue: new UploadQueue({ leafBytes: () => LEAF_BYTES }),
    bytesOf: ({ count }) => count * BLOCK_BYTES,
    creditOf: () => Infinity
  })
}

describe('what an uplink has before it', () => {
  test('is what waits, and what was taken and is not out', () => {
    const uplink = load()
    uplink.ask('a', [run(0)], 0)
    expect(uplink.committedBytes(0)).toBe(LEAF_BYTES)
    const taken = uplink.take(
      () => true,
      () => 8,
      0
    )
    expect(taken?.run.count).toBe(4) // what goes out within a frame's time is not known yet
    expect(uplink.committedBytes(0)).toBe(LEAF_BYTES)
    uplink.sent('a', 4 * BLOCK_BYTES, 10)
    expect(uplink.committedBytes(10)).toBe(LEAF_BYTES - 4 * BLOCK_BYTES)
  })

  test('is nothing for peers that take nothing, whether it was taken for them or waits', () => {
    const uplink = load()
    for (const peer of ['a', 'b', 'c']) {
      uplink.ask(peer, [run(0), run(1)], 0)
      uplink.take(
        (one) => one === peer,
        () => 16,
        0
      )
    }
    expect(uplink.committedBytes(STUCK_MS - 1)).toBe(6 * LEAF_BYTES)
    expect(uplink.committedBytes(STUCK_MS)).toBe(0)
    uplink.sent('b', BLOCK_BYTES, STUCK_MS)
    expect(uplink.committedBytes(STUCK_MS)).toBe(3 * BLOCK_BYTES)
  })

  test('says nothing of how fast it is while nobody takes anything', () => {
    const uplink = load()
    uplink.ask('stalls', [run(0), run(1)], 0)
    uplink.take(
      () => true,
      () => 16,
      0
    )
    for (let round = 0; round < 10; round++) {
      const now = round * 10 * STUCK_MS
      uplink.ask('takes', [run(round)], now)
      for (let block = 0; block < 16; block++) {
        const taken = uplink.take(
          (peer) => peer === 'takes',
          () => 1,
          now + block * 16
        )
        uplink.sent('takes', (taken?.run.count ?? 0) * BLOCK_BYTES, now + block * 16 + 16)
      }
    }
    // 16 KiB in 16 ms, and a margin; not what it comes to over ten seconds
    expect(uplink.perMs).toBeGreaterThan(BLOCK_BYTES / 16 / 2)
  })
})
