import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_QUEUED_RUNS, UploadQueue } from '../../src/swarm/upload-queue.ts'
import type { Run } from '../../src/wire/codec.ts'

const whole = (leaf: number): Run => ({ leaf, first: 0, count: 64 })

function drain(queue: UploadQueue): Run[] {
  const runs: Run[] = []
  for (let run = queue.next(); run !== undefined; run = queue.next()) {
    runs.push(run)
  }
  return runs
}

function wholes(count: number): Run[] {
  return Array.from({ length: count }, (_, leaf) => whole(leaf))
}

test('first come, first served', () => {
  const queue = new UploadQueue()
  expect(queue.add([whole(3), whole(1)])).toEqual([])
  queue.add([whole(2)])
  expect(queue.size).toBe(3)
  expect(drain(queue)).toEqual([whole(3), whole(1), whole(2)])
  expect(queue.size).toBe(0)
})

test('MAX_QUEUED_RUNS wait; the next one is given back, and has room after one was sent', () => {
  const queue = new UploadQueue()
  expect(queue.add(wholes(MAX_QUEUED_RUNS))).toEqual([])
  expect(queue.add([whole(9999)])).toEqual([whole(9999)])
  queue.next()
  expect(queue.add([whole(9999), whole(10_000)])).toEqual([whole(10_000)])
  expect(queue.size).toBe(MAX_QUEUED_RUNS)
})

test('it can be used for ever: what was sent is forgotten', () => {
  const queue = new UploadQueue()
  for (let round = 0; round < 10 * MAX_QUEUED_RUNS; round++) {
    queue.add([whole(round)])
    expect(queue.next()).toEqual(whole(round))
  }
  expect(queue.size).toBe(0)
})

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
])('cancelling %s leaves the rest in its place', (_, cancelled, left) => {
  const queue = new UploadQueue()
  queue.add(wholes(3))
  queue.cancel(cancelled)
  expect(drain(queue)).toEqual(left)
})

test('what is sent after a cancel is what was asked for and not cancelled, in order', () => {
  const run = fc
    .tuple(fc.nat({ max: 3 }), fc.nat({ max: 127 }), fc.nat({ max: 127 }))
    .map(([leaf, a, b]): Run => ({ leaf, first: Math.min(a, b), count: Math.abs(a - b) + 1 }))
  const blocks = (runs: readonly Run[]): string[] =>
    runs.flatMap(({ leaf, first, count }) => Array.from({ length: count }, (_, at) => `${leaf}/${first + at}`))
  fc.assert(
    fc.property(
      fc.array(run, { maxLength: 6 }),
      fc.array(run, { maxLength: 6 }),
      fc.nat({ max: 2 }),
      (asked, holes, sent) => {
        const queue = new UploadQueue()
        queue.add(asked)
        const taken = Array.from({ length: sent }, () => queue.next())
        queue.cancel(holes)
        const cancelled = new Set(blocks(holes))
        const rest = asked.slice(taken.length)
        expect(blocks(drain(queue))).toEqual(blocks(rest).filter((block) => !cancelled.has(block)))
      }
    )
  )
})

test('a cancel that cuts many holes cannot make the queue longer than MAX_QUEUED_RUNS', () => {
  const queue = new UploadQueue()
  queue.add(Array.from({ length: MAX_QUEUED_RUNS }, () => whole(0)))
  queue.cancel(Array.from({ length: 32 }, (_, at) => ({ leaf: 0, first: 2 * at, count: 1 })))
  expect(queue.size).toBe(MAX_QUEUED_RUNS)
})
