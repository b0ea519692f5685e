import { expect, test } from 'vitest'
import { LeafReads } from '../../src/share/leaf-reads.ts'
import type { FrameBytes } from '../../src/share/leaf-reads.ts'
import { ReadPool } from '../../src/share/read-pool.ts'

const LEAF_BYTES = 100_000

/** Reads of leaves whose bytes are their number, and how often and what of each was read. */
function reads({
  pool = new ReadPool(),
  fails
}: { pool?: ReadPool; fails?: (leaf: number) => Error | undefined } = {}) {
  const log: string[] = []
  const close = new AbortController()
  const source = {
    leafBytes: () => LEAF_BYTES,
    read: async (leaf: number, into: Uint8Array, start: number, bytes: number) => {
      log.push(`${leaf}: ${start} ${bytes}`)
      await Promise.resolve()
      const error = fails?.(leaf)
      if (error !== undefined) {
        throw error
      }
      into.subarray(0, bytes).fill(leaf)
    }
  }
  return { of: new LeafReads(source, pool, close.signal), pool, log, close }
}

async function bytesOf(reading: Promise<FrameBytes | Error>): Promise<FrameBytes> {
  const frame = await reading
  if (frame instanceof Error) {
    throw frame
  }
  return frame
}

/** The lane took it, and does not refer to it any more. */
function done(...frames: readonly FrameBytes[]): void {
  for (const frame of frames) {
    frame.taken()
    frame.release(true)
  }
}

test('four who need a leaf at the same time cause one read, and have the same memory', async () => {
  const { of, log } = reads()
  const frames = await Promise.all(Array.from({ length: 4 }, () => bytesOf(of.shared(3, 0, LEAF_BYTES))))
  expect(log).toEqual([`3: 0 ${LEAF_BYTES}`])
  expect(new Set(frames.map(({ bytes }) => bytes.buffer)).size).toBe(1)
  expect(frames.every(({ bytes }) => bytes.byteLength === LEAF_BYTES && bytes.every((byte) => byte === 3))).toBe(true)
  done(...frames)
})

test('parts of a leaf are views of it; only the whole leaf has room for its header', async () => {
  const { of, log } = reads()
  const [whole, first, last] = await Promise.all([
    bytesOf(of.shared(3, 0, LEAF_BYTES)),
    bytesOf(of.shared(3, 0, 16_384)),
    bytesOf(of.shared(3, 65_536, LEAF_BYTES - 65_536))
  ])
  expect([whole.headRoom, first.headRoom, last.headRoom]).toEqual([true, false, false])
  expect(last.bytes.byteOffset - whole.bytes.byteOffset).toBe(65_536)
  expect(log).toHaveLength(1)
  done(whole, first, last)
})

test('a leaf that was sent is there for the next one who needs it', async () => {
  const { of, log } = reads()
  done(await bytesOf(of.shared(3, 0, LEAF_BYTES)))
  done(await bytesOf(of.shared(3, 0, LEAF_BYTES)))
  done(await bytesOf(of.part(3, 16_384, 16_384)))
  expect(log).toHaveLength(1)
})

test('memory comes back when the last one has let go, whichever comes first, the lane or its release', async () => {
  const { of, pool } = reads()
  const [a, b] = await Promise.all([bytesOf(of.shared(3, 0, LEAF_BYTES)), bytesOf(of.shared(3, 0, 16_384))])
  const counted = pool.countedBytes
  a.release(true)
  a.taken()
  expect(pool.countedBytes).toBe(counted)
  b.taken()
  expect(pool.countedBytes).toBe(0) // a lane has the last of it
  b.release(true)
  expect(pool.countedBytes).toBe(counted) // parked
})

test('a buffer that a lane may hold for ever is not used again', async () => {
  const { of, pool } = reads()
  for (const read of [() => of.shared(3, 0, LEAF_BYTES), () => of.part(4, 0, LEAF_BYTES)]) {
    const frame = await bytesOf(read())
    frame.taken()
    frame.release(false)
    expect(pool.countedBytes).toBe(0)
    expect(pool.freeBytes).toBe(0)
    const next = await bytesOf(of.shared(5, 0, LEAF_BYTES))
    expect(next.bytes.buffer).not.toBe(frame.bytes.buffer)
    next.release(false)
  }
})

test('part of a leaf is read alone, into memory of its own', async () => {
  const { of, log, pool } = reads()
  const frame = await bytesOf(of.part(3, 32_768, 16_384))
  expect(log).toEqual(['3: 32768 16384'])
  expect([frame.headRoom, frame.bytes.byteLength, pool.countedBytes]).toEqual([true, 16_384, 16_384])
  frame.release(true)
  expect(pool.countedBytes).toBe(0)
  // released first, and used by another meanwhile: nothing of it is given up twice
  const other = await bytesOf(of.part(4, 0, 16_384))
  frame.taken()
  expect(pool.countedBytes).toBe(16_384)
  done(other)
})

test('a read that fails says so to all who wait for it, gives its memory back, and is tried again', async () => {
  let broken = true
  const { of, log, pool } = reads({ fails: () => (broken ? new DOMException('later', 'NotReadableError') : undefined) })
  const results = await Promise.all([of.shared(3, 0, LEAF_BYTES), of.shared(3, 0, 16_384), of.part(4, 0, 16_384)])
  expect(results.map((result) => result instanceof Error && result.message)).toEqual(['later', 'later', 'later'])
  expect(pool.countedBytes).toBe(0)
  broken = false
  done(await bytesOf(of.shared(3, 0, LEAF_BYTES)))
  expect(log).toHaveLength(3)
})

test('a read that finds no memory waits, and says so', async () => {
  const { of, pool } = reads({ pool: new ReadPool(131_072) })
  const first = await bytesOf(of.shared(3, 0, LEAF_BYTES))
  const second = of.shared(4, 0, LEAF_BYTES)
  const third = of.part(5, 0, 16_384)
  expect(of.isWaiting).toBe(true)
  done(first)
  done(await bytesOf(second))
  done(await bytesOf(third))
  expect(of.isWaiting).toBe(false)
  expect(pool.countedBytes).toBeLessThanOrEqual(131_072)
})

test('when the share is closed, all memory comes back and nothing is read', async () => {
  const { of, pool, close, log } = reads()
  const sent = await bytesOf(of.shared(3, 0, LEAF_BYTES))
  done(await bytesOf(of.shared(4, 0, LEAF_BYTES)))
  const reading = of.shared(5, 0, LEAF_BYTES)
  close.abort()
  done(sent, await bytesOf(reading))
  expect(pool.countedBytes).toBe(0)
  expect(await of.shared(6, 0, LEAF_BYTES)).toBeInstanceOf(Error)
  expect(log).toHaveLength(3)
})
