import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { BLOCK_BYTES } from '../../src/constants.ts'
import { DataIn } from '../../src/session/data-in.ts'
import { LeafAssemblies } from '../../src/share/leaf-assembly.ts'
import { OwedBlocks } from '../../src/share/owed-blocks.ts'
import { ReceiveBuffers } from '../../src/share/receive-buffers.ts'
import { MAX_UNASKED_BYTES, Receiver } from '../../src/share/receiver.ts'
import type { Run } from '../../src/wire/codec.ts'
import { FrameReader } from '../../src/wire/frame-reader.ts'
import { encodeFrameHeader } from '../../src/wire/frame.ts'
import type { FrameHeader } from '../../src/wire/frame.ts'

const MIB = 1024 * 1024
const peer = await seededPeerId(seededRandom('peer'))
const LEAF_BYTES = 100_000
const LEAF_BLOCKS = Math.ceil(LEAF_BYTES / BLOCK_BYTES)
/** A leaf of 2 MiB. */
const LARGE = 5

interface Arrived {
  readonly leaf: number
  readonly bytes: Uint8Array
  /** As it is now: the very memory. */
  readonly view: Uint8Array
  readonly release: () => void
}

/** What a policy knows: which leaves are wanted, and which of their blocks are here. */
class Wanted {
  readonly leaves = new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  readonly #blocks = new Map<number, Set<number>>()

  bytes(leaf: number): number | undefined {
    return this.leaves.has(leaf) ? (leaf === LARGE ? 2 * MIB : LEAF_BYTES) : undefined
  }

  /** Returns whether the leaf is whole. */
  arrived({ leaf, first, count }: Run): boolean {
    const blocks = this.#blocks.get(leaf) ?? new Set()
    this.#blocks.set(leaf, blocks)
    for (let block = first; block < first + count; block++) {
      blocks.add(block)
    }
    return blocks.size === Math.ceil((this.bytes(leaf) ?? 0) / BLOCK_BYTES)
  }

  blocks(leaf: number): number[] {
    return [...(this.#blocks.get(leaf) ?? [])].sort((a, b) => a - b)
  }

  reset(leaf: number): void {
    this.#blocks.delete(leaf)
  }
}

interface Setup {
  readonly buffers?: ReceiveBuffers
  /** Leaves that were handed on are kept until the test releases them. */
  readonly keep?: boolean
  readonly assemblies?: LeafAssemblies
  readonly wanted?: Wanted
  /** @default whatever comes was asked for */
  readonly owed?: Pick<OwedBlocks, 'has' | 'came' | 'asked'>
  readonly done?: (arrived: Arrived) => void
}

/** A receiver that is asked for leaves below ten, with what it put together. */
function receiver({
  buffers = new ReceiveBuffers(),
  keep = false,
  assemblies = new LeafAssemblies(),
  wanted = new Wanted(),
  owed = { has: () => true, came: () => undefined, asked: () => undefined },
  done = () => undefined
}: Setup = {}) {
  const leaves: Arrived[] = []
  const received = { wanted: 0, unwanted: 0 }
  const made = new Receiver({
    peer,
    buffers,
    assemblies,
    owed,
    expects: ({ leaf }) => wanted.bytes(leaf),
    arrived: (run) => {
      if (wanted.arrived(run)) {
        wanted.leaves.delete(run.leaf) // it is being checked
        const { bytes: view, release } = assemblies.take(run.leaf)?.handOn() ?? expect.unreachable()
        const again = (): void => {
          wanted.reset(run.leaf)
          wanted.leaves.add(run.leaf)
          release()
        }
        const whole = { leaf: run.leaf, bytes: view.slice(), view, release: again }
        leaves.push(whole)
        done(whole)
        if (!keep) {
          again()
        }
      }
    },
    expectsNode: () => false,
    node: () => undefined,
    wasNodeAsked: () => false,
    received: (bytes, waste) => {
      received[waste === undefined ? 'wanted' : 'unwanted'] += bytes
    }
  })
  const forget = (leaf: number): void => {
    wanted.leaves.delete(leaf)
    wanted.reset(leaf)
    assemblies.forget(leaf)
  }
  return { made, leaves, received, buffers, wanted, assemblies, forget }
}

function data(leaf: number, firstBlock: number, bytes: number): FrameHeader & { kind: 'data' } {
  return { kind: 'data', leaf, firstBlock, bytes }
}

/** The byte that block `block` of `leaf` consists of. */
function byteOf(leaf: number, block: number): number {
  return (leaf * 31 + block + 1) & 0xff
}

/** A frame of blocks `[first, end)` of a leaf. */
function frame(leaf: number, first = 0, end = LEAF_BLOCKS): Uint8Array {
  const bytes = Math.min(end * BLOCK_BYTES, LEAF_BYTES) - first * BLOCK_BYTES
  const out = new Uint8Array(16 + bytes)
  out.set(encodeFrameHeader(data(leaf, first, bytes)))
  for (let block = first; block < end; block++) {
    out.fill(byteOf(leaf, block), 16 + (block - first) * BLOCK_BYTES, 16 + (block + 1 - first) * BLOCK_BYTES)
  }
  return out
}

function isRight({ leaf, bytes }: Pick<Arrived, 'leaf' | 'bytes'>): boolean {
  return Buffer.compare(bytes, frame(leaf).subarray(16)) === 0
}

/** A bulk channel that reads into what it was given, as Node does: the next place is known before bytes come. */
class DirectLane {
  readonly data: DataIn
  #view: Uint8Array
  resumes = 0

  constructor(sink: Receiver) {
    this.data = new DataIn({
      sink,
      took: () => 0,
      resume: () => this.resumes++,
      failed: (error) => expect.fail(error.message)
    })
    this.#view = this.data.buffer()
  }

  /** Bytes arrive. Returns whether to read on. */
  read(bytes: Uint8Array): boolean {
    let more = true
    for (let at = 0; at < bytes.byteLength;) {
      const piece = bytes.subarray(at, at + this.#view.byteLength)
      this.#view.set(piece)
      at += piece.byteLength
      more = this.data.filled(piece.byteLength)
      this.#view = this.data.buffer()
    }
    return more
  }

  /** Bytes arrive that nobody was told of yet: what a read that is under way does. */
  scribble(): void {
    this.#view.fill(0xee)
  }
}

describe('putting leaves together', () => {
  test('blocks in any order, in pieces of any size, make the leaf once', () => {
    const { made, leaves, buffers } = receiver()
    const reader = new FrameReader(made)
    const stream = Buffer.concat([frame(3, 1), frame(3, 0, 1)])
    for (let at = 0; at < stream.byteLength; at += 9999) {
      reader.push(stream.subarray(at, at + 9999))
    }
    expect(leaves.map(isRight)).toEqual([true])
    expect(buffers.usedBytes).toBe(0)
  })

  test.each([
    ['past the end', data(0, 2, LEAF_BYTES)],
    ['ending inside a block', data(0, 0, 100)]
  ])('a frame %s is refused', (_, header) => {
    const { made } = receiver()
    expect(() => made.open(header, () => undefined)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_MESSAGE' }))
  })

  test('a leaf that is no longer asked for gives its buffer back, and the rest of its body is discarded', () => {
    const { made, leaves, buffers, received, forget } = receiver()
    const reader = new FrameReader(made)
    const bytes = frame(1)
    reader.push(bytes.subarray(0, 50_000))
    forget(1)
    expect(buffers.usedBytes).toBe(0)
    reader.push(bytes.subarray(50_000))
    expect([leaves.length, received.wanted + received.unwanted]).toEqual([0, LEAF_BYTES])
  })

  test('a leaf that is being checked is not taken a second time', () => {
    const { made, leaves, received } = receiver({ keep: true })
    const reader = new FrameReader(made)
    reader.push(frame(1))
    reader.push(frame(1))
    expect([leaves.length, received.unwanted]).toEqual([1, LEAF_BYTES])
    leaves[0]?.release()
    reader.push(frame(1))
    expect(leaves).toHaveLength(2)
  })

  test('every byte is reported, wanted or not', () => {
    const { made, received } = receiver()
    const reader = new FrameReader(made)
    reader.push(frame(1, 0, 3))
    reader.push(frame(20))
    expect(received).toEqual({ wanted: 3 * BLOCK_BYTES, unwanted: LEAF_BYTES })
  })
})

describe('what has arrived', () => {
  test('is said in whole blocks, while a long frame is still under way', () => {
    const { made, wanted } = receiver()
    const stream = Uint8Array.from([...encodeFrameHeader(data(LARGE, 0, 2 * MIB)), ...new Uint8Array(200_000)])
    new FrameReader(made).push(stream.subarray(0, 100))
    expect(wanted.blocks(LARGE)).toEqual([])
    const direct = new DirectLane(made)
    for (let at = 0; at < stream.byteLength; at += 10_000) {
      direct.read(stream.subarray(at, at + 10_000))
    }
    expect(wanted.blocks(LARGE).length).toBeGreaterThanOrEqual(8)
    expect(wanted.blocks(LARGE).length).toBeLessThanOrEqual(12)
  })

  test('counts the whole blocks of a body whose lane ended, and no other', () => {
    const { made, wanted } = receiver()
    const reader = new FrameReader(made)
    reader.push(frame(1).subarray(0, 16 + 2 * BLOCK_BYTES + 100))
    reader.end()
    expect(wanted.blocks(1)).toEqual([0, 1])
  })
})

describe('several lanes', () => {
  test('a leaf that was begun on one is finished on the other', () => {
    const { made, leaves } = receiver()
    const direct = new DirectLane(made)
    direct.read(frame(1).subarray(0, 16 + 3 * BLOCK_BYTES + 5))
    direct.data.end()
    new FrameReader(made).push(frame(1, 3))
    expect(leaves.map(isRight)).toEqual([true])
  })

  test('a leaf that a channel may still write to is handed on as a copy, and its buffer stays away from others', () => {
    const { made, leaves, buffers } = receiver({ keep: true })
    const direct = new DirectLane(made)
    direct.read(frame(1).subarray(0, 16 + BLOCK_BYTES))
    new FrameReader(made).push(frame(1)) // all of it, by another lane
    expect(leaves.map(isRight)).toEqual([true])
    direct.scribble()
    expect(leaves.map(({ leaf, view }) => isRight({ leaf, bytes: view }))).toEqual([true])
    expect(buffers.usedBytes).toBeGreaterThan(0)
    direct.data.end()
    expect(buffers.usedBytes).toBe(0)
  })

  test('two peers put one leaf together', () => {
    const { made, leaves, ...shared } = receiver()
    const other = receiver(shared)
    new FrameReader(made).push(frame(1, 0, 3))
    new FrameReader(other.made).push(frame(1, 3))
    expect([...leaves, ...other.leaves].map(isRight)).toEqual([true])
    expect(shared.buffers.usedBytes).toBe(0)
  })

  test('nothing that comes afterwards is written into a leaf that was handed on', () => {
    const { made, leaves } = receiver({ keep: true })
    const direct = new DirectLane(made)
    direct.read(frame(1).subarray(0, 16 + BLOCK_BYTES))
    new FrameReader(made).push(frame(1))
    direct.read(frame(1).subarray(16 + BLOCK_BYTES, 16 + BLOCK_BYTES + 1))
    expect(leaves).toHaveLength(1)
    const before = leaves[0]?.view.slice()
    direct.scribble()
    direct.read(new Uint8Array(1000))
    expect(leaves[0]?.view).toEqual(before)
  })

  test('a forgotten leaf keeps its buffer while a channel may write to it', () => {
    const { made, buffers, forget } = receiver()
    const direct = new DirectLane(made)
    direct.read(frame(1).subarray(0, 100))
    forget(1)
    expect(buffers.usedBytes).toBeGreaterThan(0)
    direct.read(frame(1).subarray(100))
    expect(buffers.usedBytes).toBe(0)
  })

  test('whatever is sent over two lanes, in any order and cut anywhere, each leaf is right and no buffer is lost', () => {
    const run = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: LEAF_BLOCKS - 1 }), fc.nat({ max: LEAF_BLOCKS - 1 }))
    const op = fc.oneof(
      { weight: 8, arbitrary: fc.record({ lane: fc.nat({ max: 1 }), run }) },
      { weight: 3, arbitrary: fc.record({ lane: fc.nat({ max: 1 }), bytes: fc.integer({ min: 1, max: 60_000 }) }) },
      { weight: 1, arbitrary: fc.record({ forget: fc.nat({ max: 3 }) }) },
      { weight: 1, arbitrary: fc.constant({ cut: true as const }) }
    )
    fc.assert(
      fc.property(fc.array(op, { maxLength: 60 }), (ops) => {
        const { made, leaves, buffers, forget, wanted, assemblies } = receiver({
          buffers: new ReceiveBuffers(64 * MIB)
        })
        const stream = new FrameReader(made)
        let direct = new DirectLane(made)
        const queued = [new Uint8Array(), new Uint8Array()]
        const deliver = (lane: number, bytes: number): void => {
          const waiting = queued[lane] ?? new Uint8Array()
          queued[lane] = waiting.subarray(bytes)
          if (lane === 0) {
            stream.push(waiting.subarray(0, bytes))
          } else {
            direct.read(waiting.subarray(0, bytes))
          }
        }
        for (const now of ops) {
          if ('run' in now) {
            const [leaf, a, b] = now.run
            const waiting = queued[now.lane] ?? new Uint8Array()
            queued[now.lane] = Buffer.concat([waiting, frame(leaf, Math.min(a, b), Math.max(a, b) + 1)])
          } else if ('bytes' in now) {
            deliver(now.lane, now.bytes)
          } else if ('forget' in now) {
            forget(now.forget)
            wanted.leaves.add(now.forget)
          } else {
            direct.scribble()
            direct.data.end()
            direct = new DirectLane(made)
            queued[1] = new Uint8Array()
          }
        }
        expect(leaves.every(isRight)).toBe(true)
        direct.data.end()
        stream.end()
        made.close()
        assemblies.close()
        expect(buffers.usedBytes).toBe(0)
      }),
      { numRuns: 200 }
    )
  })
})

describe('buffers that are shared with others', () => {
  test('a lane that gets none stops, keeps what Node had read already, and goes on when one is free', async () => {
    const buffers = new ReceiveBuffers(1)
    const { made, leaves } = receiver({ buffers, keep: true })
    const direct = new DirectLane(made)
    expect(direct.read(frame(0))).toBe(true) // one is always given
    expect(direct.read(Buffer.concat([frame(1).subarray(0, 5000)]))).toBe(false)
    expect(made.isWaiting).toBe(true)
    direct.read(frame(1).subarray(5000, 70_000)) // what Node had read by then
    expect([leaves.length, direct.resumes]).toEqual([1, 0])
    leaves[0]?.release()
    await new Promise((resolve) => setImmediate(resolve))
    expect([made.isWaiting, direct.resumes]).toEqual([false, 1])
    direct.read(frame(1).subarray(70_000))
    expect(leaves.map(isRight)).toEqual([true, true])
  })

  test('eight peers with room for two leaves all come to their end, whoever is slow', async () => {
    const buffers = new ReceiveBuffers(2 * 128 * 1024)
    const handed: Array<() => void> = []
    const done: number[] = []
    const lanes = Array.from({ length: 8 }, (_, peer) => {
      const stream = Buffer.concat(
        Array.from({ length: 10 }, (_, leaf) => (leaf === LARGE ? [] : [frame(leaf)])).flat()
      )
      const { made } = receiver({
        buffers,
        keep: true,
        done: (arrived) => {
          expect(isRight(arrived)).toBe(true)
          done.push(peer)
          handed.push(arrived.release)
        }
      })
      return { lane: new DirectLane(made), stream, at: 0, reads: true, peer }
    })
    for (let round = 0; round < 5000 && done.length < 72; round++) {
      for (const lane of lanes) {
        lane.reads ||= lane.lane.resumes > 0
        lane.lane.resumes = 0
        const step = 1 + ((lane.peer * 7919 + round * 104_729) % 30_000)
        if (lane.reads && lane.at < lane.stream.byteLength) {
          lane.reads = lane.lane.read(lane.stream.subarray(lane.at, lane.at + step))
          lane.at += step
        }
      }
      if (round % 3 === 0) {
        handed.shift()?.()
      }
      await Promise.resolve()
      expect(buffers.usedBytes).toBeLessThanOrEqual((2 + 8) * 128 * 1024)
    }
    expect(done).toHaveLength(72)
  })

  test('a peer that begins leaf after leaf keeps nobody else from theirs', () => {
    const buffers = new ReceiveBuffers(4 * 128 * 1024)
    const hoarder = receiver({ buffers })
    const reader = new FrameReader(hoarder.made)
    for (let leaf = 0; leaf < 8 && !reader.isBlocked; leaf++) {
      reader.push(frame(leaf, 0, 1))
    }
    expect(reader.isBlocked).toBe(true)
    const honest = receiver({ buffers })
    new FrameReader(honest.made).push(frame(0))
    expect(honest.leaves).toHaveLength(1)
    hoarder.assemblies.close()
    expect(buffers.usedBytes).toBe(0)
  })
})

describe('what was never asked of the peer', () => {
  test.each([
    ['is a leaf', 0, 0],
    ['is a block more than was asked for', LEAF_BLOCKS - 1, 0],
    ['is a leaf that comes twice', LEAF_BLOCKS, 1]
  ])('%s: it ends the session before a byte of it is read', (_, blocks, whole) => {
    const owed = new OwedBlocks()
    owed.asked([{ leaf: 0, count: blocks }])
    const { made, received } = receiver({ owed })
    const twice = Buffer.concat([frame(0), frame(0)])
    expect(() => new FrameReader(made).push(twice)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_MESSAGE' }))
    expect(received).toEqual({ wanted: whole * LEAF_BYTES, unwanted: 0 })
  })

  test('is not what was cancelled, nor the rest of a frame in which a lane ended', () => {
    const owed = new OwedBlocks()
    owed.asked([0, 99].map((leaf) => ({ leaf, count: LEAF_BLOCKS })))
    const { made, received } = receiver({ owed })
    for (const leaf of [0, 99]) {
      const cut = new FrameReader(made)
      cut.push(frame(leaf).subarray(0, 16 + 2 * BLOCK_BYTES + 100))
      cut.end()
      expect([1, 2].map((less) => owed.has({ leaf, count: LEAF_BLOCKS - less }))).toEqual([false, true])
      new FrameReader(made).push(frame(leaf, 2))
    }
    expect([received.unwanted, owed.leaves]).toEqual([LEAF_BYTES + 100, 0])
  })
})

describe('what nobody asks for any more', () => {
  test('may come to MAX_UNASKED_BYTES; one byte more ends the session', () => {
    const { made, received } = receiver()
    const body = new Uint8Array(MIB)
    const send = (bytes: number): void => {
      const reader = new FrameReader(made)
      reader.push(encodeFrameHeader(data(99, 0, bytes)))
      reader.push(body.subarray(0, bytes))
    }
    for (let at = 0; at < MAX_UNASKED_BYTES; at += MIB) {
      send(MIB)
    }
    expect(received.unwanted).toBe(MAX_UNASKED_BYTES)
    expect(() => {
      send(1)
    }).toThrow(expect.objectContaining({ code: 'ERR_INVALID_MESSAGE' }))
  })

  test('is made up for by what was', () => {
    const { made, received } = receiver()
    const report = (leaf: number, bytes: number): void => {
      const body = made.open(data(leaf, 0, bytes), () => undefined)
      for (let left = bytes; left > 0;) {
        const room = Math.min(left, body?.room().byteLength ?? left)
        body?.filled(room)
        left -= room
      }
      body?.end(true)
    }
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < MAX_UNASKED_BYTES; at += MIB) {
        report(99, MIB)
      }
      for (let at = 0; at < 8 * MAX_UNASKED_BYTES; at += 2 * MIB) {
        report(LARGE, 2 * MIB)
      }
    }
    expect(received.unwanted).toBe(3 * MAX_UNASKED_BYTES)
  })
})
