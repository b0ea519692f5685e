import { fc, test as propTest } from '@fast-check/vitest'
import type { Stream } from '@libp2p/interface'
import { byteStream } from '@libp2p/utils'
import { describe, expect, test } from 'vitest'
import { HIGH_WATER_BYTES } from '../../src/faults/coupling.ts'
import type { Fault } from '../../src/faults/plan.ts'
import { faultyStream, faultyStreamPair, streamPair } from '../../src/faults/stream.ts'
import { virtualClock } from '../../src/virtual-clock.ts'
import { range, read, settle } from '../helpers/reading.ts'

/** A pair whose first end has `faults` on what it sends. */
const sending = (...outgoing: Fault[]) => faultyStreamPair({ outgoing })
/** A pair whose first end has `faults` on what it receives. */
const receiving = (...incoming: Fault[]) => faultyStreamPair({ incoming })

describe('without faults', () => {
  test('bytes, ends and the stream itself come through as before', async () => {
    const [first, second] = await sending()
    const [atFirst, atSecond] = [read(first), read(second)]
    first.send(range(10))
    second.send(range(5))
    await Promise.all([first.close(), second.close()])
    expect(await Promise.all([atFirst.ended, atSecond.ended])).toEqual(['end', 'end'])
    expect(atSecond.bytes()).toEqual([...range(10)])
    expect(atFirst.bytes()).toEqual([...range(5)])
    await settle()
    expect([first.status, second.status]).toEqual(['closed', 'closed'])
    expect(() => first.send(range(1))).toThrow(expect.objectContaining({ name: 'StreamStateError' }))
  })

  test('bytes that arrived before the stream was wrapped are read, and so is the end behind them', async () => {
    const [first, second] = await streamPair()
    second.send(range(10))
    await second.close()
    await settle()
    const late = read(faultyStream(first, {}))
    expect(await late.ended).toBe('end')
    expect(late.bytes()).toEqual([...range(10)])
  })

  test('an abort of either end is a reset at the other', async () => {
    for (const which of [0, 1] as const) {
      const pair = await sending()
      const other = read(pair[1 - which]!)
      pair[which].abort(new RangeError('planted'))
      expect(await other.ended).toBe('reset')
      await settle()
      expect(pair.map(({ status }) => status).sort()).toEqual(['aborted', 'reset'])
    }
  })

  test('a megabyte goes through with the sender waiting for drain', async () => {
    const [first, second] = await sending()
    const total = 3 * HIGH_WATER_BYTES
    let arrived = 0
    second.addEventListener('message', ({ data }) => (arrived += data.byteLength))
    for (let sent = 0; sent < total; sent += 64 * 1024) {
      if (!first.send(new Uint8Array(64 * 1024))) {
        await first.onDrain()
      }
    }
    await first.close()
    await settle()
    expect(arrived).toBe(total)
  })
})

describe('cut', () => {
  test.each([0, 1, 7, 10])('resets both ends after exactly %i bytes sent', async (afterBytes) => {
    const [first, second] = await sending({ type: 'cut', afterBytes })
    const [atFirst, atSecond] = [read(first), read(second)]
    first.send(range(10))
    expect(await Promise.all([atFirst.ended, atSecond.ended])).toEqual(['reset', 'reset'])
    expect(atSecond.bytes()).toEqual([...range(afterBytes)])
    expect(first.status).toBe('reset')
  })

  test('does not act on a message that is one byte shorter', async () => {
    const [first, second] = await sending({ type: 'cut', afterBytes: 11 })
    const atSecond = read(second)
    first.send(range(10))
    await first.close()
    expect(await atSecond.ended).toBe('end')
    expect(atSecond.bytes()).toEqual([...range(10)])
  })

  test('resets both ends after exactly 7 bytes received', async () => {
    const [first, second] = await receiving({ type: 'cut', afterBytes: 7 })
    const [atFirst, atSecond] = [read(first), read(second)]
    second.send(range(10))
    expect(await Promise.all([atFirst.ended, atSecond.ended])).toEqual(['reset', 'reset'])
    expect(atFirst.bytes()).toEqual([...range(7)])
  })

  test('closing: the reader sees a clean end after 7 bytes, the writer sees nothing', async () => {
    const [first, second] = await sending({ type: 'cut', afterBytes: 7, how: 'close' })
    const atSecond = read(second)
    first.send(range(10))
    first.send(range(10))
    expect(await atSecond.ended).toBe('end')
    await settle()
    expect(atSecond.bytes()).toEqual([...range(7)])
    expect(first.writeStatus).toBe('writable')
    await first.close()
  })

  test('closing: the wrapped end sees a clean end of what it receives', async () => {
    const [first, second] = await receiving({ type: 'cut', afterBytes: 7, how: 'close' })
    const atFirst = read(first)
    second.send(range(10))
    expect(await atFirst.ended).toBe('end')
    expect(atFirst.bytes()).toEqual([...range(7)])
  })

  test('a reader that waits for more gets an error, not a hang', async () => {
    const [first, second] = await sending({ type: 'cut', afterBytes: 7, how: 'close' })
    const reading = byteStream(second).read({ bytes: 8 })
    first.send(range(10))
    await expect(reading).rejects.toMatchObject({ name: 'UnexpectedEOFError' })
  })
})

describe('corrupt', () => {
  test('changes the bytes it names, in either direction, and no others', async () => {
    const [first, second] = await faultyStreamPair({
      outgoing: [{ type: 'corrupt', atByte: 3 }],
      incoming: [{ type: 'corrupt', atByte: 4, mask: 0x80 }]
    })
    const [atFirst, atSecond] = [read(first), read(second)]
    first.send(range(2))
    first.send(range(8))
    second.send(range(8))
    await Promise.all([first.close(), second.close()])
    await Promise.all([atFirst.ended, atSecond.ended])
    expect(atSecond.bytes()).toEqual([0, 1, 0, 1 ^ 0xff, 2, 3, 4, 5, 6, 7])
    expect(atFirst.bytes()).toEqual([0, 1, 2, 3, 4 ^ 0x80, 5, 6, 7])
  })

  test("does not change the sender's own buffer", async () => {
    const [first] = await sending({ type: 'corrupt', atByte: 0 })
    const buffer = range(4)
    first.send(buffer)
    await settle()
    expect(buffer).toEqual(range(4))
  })
})

describe('delay', () => {
  test('holds bytes and the end back for as long as it says, in order', async () => {
    const clock = virtualClock()
    const [first, second] = await faultyStreamPair({ clock, outgoing: [{ type: 'delay', ms: 100 }] })
    const atSecond = read(second)
    first.send(range(3))
    clock.advance(40)
    first.send(range(2))
    const closing = first.close()
    clock.advance(59)
    await settle()
    expect(atSecond.bytes()).toEqual([])
    clock.advance(1)
    await settle()
    expect(atSecond.bytes()).toEqual([0, 1, 2])
    expect(atSecond.isOver()).toBe(false)
    clock.advance(40)
    await closing
    expect(await atSecond.ended).toBe('end')
    expect(atSecond.bytes()).toEqual([0, 1, 2, 0, 1])
    expect(clock.pending).toBe(0)
  })

  test('delays what is received, and a reset behind it', async () => {
    const clock = virtualClock()
    const [first, second] = await faultyStreamPair({ clock, incoming: [{ type: 'delay', ms: 100 }] })
    const atFirst = read(first)
    second.send(range(3))
    await settle()
    second.abort(new RangeError('planted'))
    await settle()
    expect([atFirst.bytes(), first.status]).toEqual([[], 'open'])
    clock.advance(100)
    expect(await atFirst.ended).toBe('reset')
    expect(atFirst.bytes()).toEqual([0, 1, 2])
  })

  test('asks the sender to wait when the line is full, and to go on when it is empty', async () => {
    const clock = virtualClock()
    const [first] = await faultyStreamPair({ clock, outgoing: [{ type: 'delay', ms: 100 }] })
    expect(first.send(new Uint8Array(HIGH_WATER_BYTES - 1))).toBe(true)
    expect(first.send(new Uint8Array(1))).toBe(false)
    const drained = first.onDrain()
    await clock.advanceAsync(100)
    await settle()
    await drained
    expect(first.writableNeedsDrain).toBe(false)
  })

  test('closing with an aborted signal gives up', async () => {
    const clock = virtualClock()
    const [first] = await faultyStreamPair({ clock, outgoing: [{ type: 'delay', ms: 100 }] })
    first.send(range(3))
    const controller = new AbortController()
    const closing = first.close({ signal: controller.signal })
    const reason = new RangeError('enough')
    controller.abort(reason)
    await expect(closing).rejects.toBe(reason)
  })
})

describe('stall', () => {
  test('for a while: holds everything back after n bytes, then goes on', async () => {
    const clock = virtualClock()
    const [first, second] = await faultyStreamPair({ clock, outgoing: [{ type: 'stall', afterBytes: 2, ms: 500 }] })
    const atSecond = read(second)
    first.send(range(5))
    const closing = first.close()
    await clock.advanceAsync(499)
    expect([atSecond.bytes(), atSecond.isOver()]).toEqual([[0, 1], false])
    await clock.advanceAsync(1)
    await closing
    expect(await atSecond.ended).toBe('end')
    expect(atSecond.bytes()).toEqual([0, 1, 2, 3, 4])
  })

  test('for good: neither bytes nor the end arrive, closing does not hang, no timer is left', async () => {
    const clock = virtualClock()
    const [first, second] = await faultyStreamPair({ clock, outgoing: [{ type: 'stall', afterBytes: 2 }] })
    const atSecond = read(second)
    first.send(range(5))
    await first.close()
    await clock.advanceAsync(1_000_000)
    expect([atSecond.bytes(), atSecond.isOver()]).toEqual([[0, 1], false])
    expect(clock.pending).toBe(0)
    first.abort(new RangeError('gave up'))
    expect(await atSecond.ended).toBe('reset')
  })

  test('for good: the sender is asked to wait once a link is full of what does not arrive', async () => {
    const [first] = await sending({ type: 'stall', afterBytes: 0 })
    expect(first.send(new Uint8Array(HIGH_WATER_BYTES - 1))).toBe(true)
    expect(first.send(new Uint8Array(1))).toBe(false)
  })

  test('for good, of what is received: a remote that aborts is still seen', async () => {
    const [first, second] = await receiving({ type: 'stall', afterBytes: 2 })
    const atFirst = read(first)
    second.send(range(5))
    await settle()
    expect(atFirst.bytes()).toEqual([0, 1])
    second.abort(new RangeError('planted'))
    expect(await atFirst.ended).toBe('reset')
    expect(atFirst.bytes()).toEqual([0, 1])
  })
})

test('a plan with a fault that cannot work is refused at once', async () => {
  const [first] = await streamPair()
  expect(() => faultyStream(first, { outgoing: [{ type: 'cut', afterBytes: -1 }] })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION' })
  )
})

test('the read buffer of the wrapper keeps the limit of the stream below', async () => {
  const [first, second] = await streamPair({ outbound: { maxReadBufferLength: 1_000 } })
  const wrapped: Stream = faultyStream(first, {})
  second.send(new Uint8Array(1_001))
  await settle()
  // nobody reads: the limit that protects a node still does
  expect(wrapped.status).toBe('aborted')
})

propTest.prop([fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 }), fc.nat(20), fc.nat(200)], {
  numRuns: 30
})('any message arrives whole and in order through delay and a stall that ends', async (chunks, ms, afterBytes) => {
  const clock = virtualClock()
  const [first, second] = await faultyStreamPair({
    clock,
    outgoing: [
      { type: 'delay', ms },
      { type: 'stall', afterBytes, ms: 10 }
    ]
  })
  const atSecond = read(second)
  for (const chunk of chunks) {
    first.send(chunk)
  }
  const closing = first.close()
  await clock.advanceAsync(1_000)
  await closing
  await atSecond.ended
  expect(atSecond.bytes()).toEqual(chunks.flatMap((chunk) => [...chunk]))
})
