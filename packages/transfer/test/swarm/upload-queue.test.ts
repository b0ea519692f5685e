import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '../../src/constants.ts'
import { MAX_QUEUED_BYTES, MAX_QUEUED_RUNS, UploadQueue } from '../../src/swarm/upload-queue.ts'
import type { Upload } from '../../src/swarm/upload-queue.ts'
import type { Run } from '../../src/wire/codec.ts'

const LEAF_BYTES = 64 * BLOCK_BYTES

const whole = (leaf: number): Run => ({ leaf, first: 0, count: 64 })
const anybody = (): boolean => true

/** Small leaves, so that runs and not bytes are what is bounded. */
function smallQueue(): UploadQueue {
  return new UploadQueue({ leafBytes: () => 1 })
}

function largeQueue(): UploadQueue {
  return new UploadQueue({ leafBytes: () => LEAF_BYTES })
}

function drain(queue: UploadQueue, maxBlocks?: number): Upload[] {
  const uploads: Upload[] = []
  for (let upload = queue.next(anybody, maxBlocks); upload !== undefined; upload = queue.next(anybody, maxBlocks)) {
    uploads.push(upload)
  }
  return uploads
}

function wholes(count: number): Run[] {
  return Array.from({ length: count }, (_, leaf) => whole(leaf))
}

describe('who is next', () => {
  test('first come, first served, whoever asked', () => {
    const queue = largeQueue()
    expect(queue.add('a', [whole(3), whole(1)], 1)).toEqual([])
    queue.add('b', [whole(2)], 2)
    queue.add('a', [whole(0)], 2)
    expect(queue.size).toBe(4)
    expect(drain(queue)).toEqual([
      { peer: 'a', run: whole(3) },
      { peer: 'a', run: whole(1) },
      { peer: 'b', run: whole(2) },
      { peer: 'a', run: whole(0) }
    ])
    expect(queue.size).toBe(0)
  })

  test('one that cannot take is passed over, and has its turn as soon as it can', () => {
    const queue = largeQueue()
    queue.add('slow', [whole(0), whole(1)], 1)
    queue.add('quick', [whole(2), whole(3)], 2)
    const quickOnly = (peer: string): boolean => peer === 'quick'
    expect(queue.next(quickOnly)).toEqual({ peer: 'quick', run: whole(2) })
    expect(queue.next(anybody)).toEqual({ peer: 'slow', run: whole(0) })
    expect(queue.next(() => false)).toBeUndefined()
    expect(queue.size).toBe(2)
  })

  test('a run that is longer than what is sent at once is served to its end before the next one', () => {
    const queue = largeQueue()
    queue.add('a', [{ leaf: 0, first: 1, count: 9 }], 1)
    queue.add('b', [whole(1)], 2)
    expect(drain(queue, 4).slice(0, 4)).toEqual([
      { peer: 'a', run: { leaf: 0, first: 1, count: 4 } },
      { peer: 'a', run: { leaf: 0, first: 5, count: 4 } },
      { peer: 'a', run: { leaf: 0, first: 9, count: 1 } },
      { peer: 'b', run: { leaf: 1, first: 0, count: 4 } }
    ])
  })

  test('how much is sent at once may depend on the peer', () => {
    const queue = largeQueue()
    queue.add('a', [whole(0)], 1)
    const blocks = (peer: string): number => (peer === 'a' ? 16 : 1)
    expect(queue.next(anybody, blocks)?.run.count).toBe(16)
  })

  test('a peer that left is forgotten with all it asked for', () => {
    const queue = largeQueue()
    queue.add('a', [whole(0)], 1)
    queue.add('b', [whole(1)], 2)
    queue.removePeer('a')
    expect([queue.queuedBytesOf('a'), queue.queuedBytes]).toEqual([0, LEAF_BYTES])
    expect(drain(queue)).toEqual([{ peer: 'b', run: whole(1) }])
  })
})

describe('bytes that wait', () => {
  test('are counted by blocks, the last of which may be short', () => {
    const queue = new UploadQueue({ leafBytes: () => 2 * BLOCK_BYTES + 5 })
    queue.add('a', [{ leaf: 0, first: 1, count: 2 }], 1)
    queue.add('b', [{ leaf: 1, first: 0, count: 1 }], 1)
    expect([queue.queuedBytes, queue.queuedBytesOf('a')]).toEqual([2 * BLOCK_BYTES + 5, BLOCK_BYTES + 5])
    queue.next(anybody, 1)
    expect(queue.queuedBytesOf('a')).toBe(5)
    queue.cancel('a', [{ leaf: 0, first: 2, count: 1 }])
    expect([queue.queuedBytes, queue.queuedBytesOf('a')]).toEqual([BLOCK_BYTES, 0])
  })

  test('MAX_QUEUED_BYTES of one peer wait; what is beyond is given back, and others have room', () => {
    const queue = largeQueue()
    const count = MAX_QUEUED_BYTES / LEAF_BYTES
    expect(queue.add('a', wholes(count), 1)).toEqual([])
    expect(queue.add('a', [{ leaf: 9999, first: 0, count: 1 }], 1)).toHaveLength(1)
    expect(queue.add('b', [whole(0)], 1)).toEqual([])
    expect(queue.queuedBytesOf('a')).toBe(MAX_QUEUED_BYTES)
  })

  test('MAX_QUEUED_RUNS of one peer wait; the next one is given back, and has room after one was sent', () => {
    const queue = smallQueue()
    expect(queue.add('a', wholes(MAX_QUEUED_RUNS), 1)).toEqual([])
    expect(queue.add('a', [whole(9999)], 1)).toEqual([whole(9999)])
    queue.next(anybody)
    expect(queue.add('a', [whole(9999), whole(10_000)], 1)).toEqual([whole(10_000)])
    expect(queue.size).toBe(MAX_QUEUED_RUNS)
  })

  test('it can be used for ever: what was sent is forgotten', () => {
    const queue = smallQueue()
    queue.add('b', [whole(0)], 0)
    for (let round = 0; round < 10 * MAX_QUEUED_RUNS; round++) {
      queue.add('a', [whole(round)], round)
      expect(queue.next((peer) => peer === 'a')?.run.leaf).toBe(round)
    }
    expect(queue.size).toBe(1)
  })
})

describe('cancelling', () => {
  test.each<[what: string, cancelled: Run[], left: Run[]]>([
    ['the whole leaf', [whole(1)], [whole(0), whole(2)]],
    ['another leaf', [whole(7)], wholes(3)],
    ['the second half', [{ leaf: 1, first: 32, count: 32 }], [whole(0), { leaf: 1, first: 0, count: 32 }, whole(2)]],
    ['the first block', [{ leaf: 1, first: 0, count: 1 }], [whole(0), { leaf: 1, first: 1, count: 63 }, whole(2)]],
    [
      'blocks in the middle',
      [{ leaf: 1, first: 10, count: 2 }],
      [whole(0), { leaf: 1, first: 0, count: 10 }, { leaf: 1, first: 12, count: 52 }, whole(2)]
    ],
    ['more than was asked for', [{ leaf: 1, first: 0, count: 128 }], [whole(0), whole(2)]]
  ])('%s leaves the rest in its place', (_, cancelled, left) => {
    const queue = largeQueue()
    queue.add('a', wholes(3), 1)
    queue.cancel('a', cancelled)
    expect(drain(queue)).toEqual(left.map((run) => ({ peer: 'a', run })))
  })

  test('takes nothing from others that asked for the same', () => {
    const queue = largeQueue()
    queue.add('a', [whole(0)], 1)
    queue.add('b', [whole(0)], 2)
    queue.cancel('a', [whole(0)])
    queue.cancel('nobody', [whole(0)])
    expect(drain(queue)).toEqual([{ peer: 'b', run: whole(0) }])
  })

  test('the rest of a run that is being sent can be cancelled', () => {
    const queue = largeQueue()
    queue.add('a', [whole(0), whole(1)], 1)
    queue.next(anybody, 4)
    queue.cancel('a', [{ leaf: 0, first: 8, count: 56 }])
    expect(drain(queue).map(({ run }) => run)).toEqual([{ leaf: 0, first: 4, count: 4 }, whole(1)])
  })

  test('many holes cannot make the queue longer than MAX_QUEUED_RUNS', () => {
    const queue = smallQueue()
    queue.add(
      'a',
      Array.from({ length: MAX_QUEUED_RUNS }, () => whole(0)),
      1
    )
    queue.cancel(
      'a',
      Array.from({ length: 32 }, (_, at) => ({ leaf: 0, first: 2 * at, count: 1 }))
    )
    expect(queue.size).toBe(MAX_QUEUED_RUNS)
  })
})
