import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BLOCK_BYTES } from '../../src/constants.ts'
import { UploadQueue } from '../../src/swarm/upload-queue.ts'
import type { Run } from '../../src/wire/codec.ts'

const PEERS = ['a', 'b', 'c']
const LEAF_BLOCKS = 8

/** The same as a list of single blocks, in the order in which they are due. */
class NaiveQueue {
  blocks: Array<{ peer: string; leaf: number; block: number; request: number }> = []
  #requests = 0

  add(peer: string, runs: readonly Run[]): void {
    for (const { leaf, first, count } of runs) {
      const request = this.#requests++
      for (let block = first; block < first + count; block++) {
        this.blocks.push({ peer, leaf, block, request })
      }
    }
  }

  cancel(peer: string, runs: readonly Run[]): void {
    this.blocks = this.blocks.filter(
      (waiting) =>
        waiting.peer !== peer ||
        !runs.some(
          ({ leaf, first, count }) => leaf === waiting.leaf && waiting.block >= first && waiting.block < first + count
        )
    )
  }

  removePeer(peer: string): void {
    this.blocks = this.blocks.filter((waiting) => waiting.peer !== peer)
  }

  /** The first block of somebody who can take, and those that follow it within its request. */
  next(able: ReadonlySet<string>, maxBlocks: number): { peer: string; run: Run } | undefined {
    const at = this.blocks.findIndex(({ peer }) => able.has(peer))
    const start = this.blocks[at]
    if (start === undefined) {
      return undefined
    }
    let count = 1
    for (let next = this.blocks[at + count]; count < maxBlocks; next = this.blocks[at + count]) {
      if (next?.request !== start.request || next.block !== start.block + count) {
        break
      }
      count++
    }
    this.blocks.splice(at, count)
    return { peer: start.peer, run: { leaf: start.leaf, first: start.block, count } }
  }

  bytesOf(peer: string): number {
    return this.blocks.filter((waiting) => waiting.peer === peer).length * BLOCK_BYTES
  }
}

const peer = fc.constantFrom(...PEERS)
const run = fc
  .tuple(fc.nat({ max: 3 }), fc.nat({ max: LEAF_BLOCKS - 1 }), fc.nat({ max: LEAF_BLOCKS - 1 }))
  .map(([leaf, a, b]): Run => ({ leaf, first: Math.min(a, b), count: Math.abs(a - b) + 1 }))
const runs = fc.array(run, { maxLength: 4 })

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), peer, runs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), peer, runs }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), peer }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('next' as const),
      able: fc.uniqueArray(peer),
      maxBlocks: fc.integer({ min: 1, max: LEAF_BLOCKS })
    })
  }
)

test('whatever is asked for, cancelled and sent, it hands out the blocks that a plain list would', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const queue = new UploadQueue({ leafBytes: () => LEAF_BLOCKS * BLOCK_BYTES })
      const naive = new NaiveQueue()
      for (const [now, action] of steps.entries()) {
        switch (action.do) {
          case 'add':
            expect(queue.add(action.peer, action.runs, now)).toEqual([])
            naive.add(action.peer, action.runs)
            break
          case 'cancel':
            queue.cancel(action.peer, action.runs)
            naive.cancel(action.peer, action.runs)
            break
          case 'remove':
            queue.removePeer(action.peer)
            naive.removePeer(action.peer)
            break
          case 'next': {
            const able = new Set(action.able)
            const upload = queue.next((candidate) => able.has(candidate), action.maxBlocks)
            expect(upload).toEqual(naive.next(able, action.maxBlocks))
          }
        }
        for (const key of PEERS) {
          expect(queue.queuedBytesOf(key)).toBe(naive.bytesOf(key))
        }
        expect(queue.queuedBytes).toBe(naive.blocks.length * BLOCK_BYTES)
      }
    }),
    { numRuns: 500 }
  )
})
