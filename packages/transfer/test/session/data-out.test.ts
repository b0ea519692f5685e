import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '../../src/constants.ts'
import { DataOut } from '../../src/session/data-out.ts'
import { SEND_WINDOW_BYTES } from '../../src/session/send-window.ts'
import { encodeFrameHeader, FRAME_HEADER_BYTES } from '../../src/wire/frame.ts'
import type { FrameHeader } from '../../src/wire/frame.ts'
import { FakeBulkChannel } from './support/fake-channel.ts'
import { FakeLane } from './support/fake-lane.ts'

const MIB = 1024 * 1024

function dataOut() {
  const lane = new FakeLane()
  const channel = new FakeBulkChannel()
  const released: boolean[] = []
  const out = new DataOut(lane)
  const send = async (bytes = MIB, headRoom = false): Promise<void> => {
    const memory = new Uint8Array(FRAME_HEADER_BYTES + bytes).fill(7)
    await out.send(dataHeader(bytes), memory.subarray(FRAME_HEADER_BYTES), {
      release: (reusable) => released.push(reusable),
      headRoom
    })
  }
  return { lane, channel, released, out, send }
}

function dataHeader(bytes: number): FrameHeader {
  return { kind: 'data', leaf: 3, firstBlock: 0, bytes }
}

/** Whether a promise is settled by the end of this turn. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  void promise.then(() => (settled = true))
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve()
  }
  return settled
}

describe('the stream lane', () => {
  test('takes frames until SEND_WINDOW_BYTES are unacknowledged, and then waits', async () => {
    const { out, send } = dataOut()
    for (let sent = 0; sent < SEND_WINDOW_BYTES; sent += MIB + FRAME_HEADER_BYTES) {
      expect(out.canTake).toBe(true)
      await send()
    }
    expect(out.canTake).toBe(false)
    const ready = out.ready()
    const next = send()
    expect(await isSettled(next)).toBe(false)
    out.acked(MIB)
    expect(await isSettled(next)).toBe(true)
    out.acked(3 * MIB)
    expect(await isSettled(ready)).toBe(true)
  })

  test('begins with small slices, for a path that has carried nothing yet, and doubles them', async () => {
    const { lane, send } = dataOut()
    await send()
    expect(lane.sent.map(({ byteLength }) => byteLength).map((bytes) => Math.floor(bytes / 1024))).toEqual([
      16, 16, 32, 64, 128, 256, 256, 255
    ])
    const before = lane.sent.length
    await send()
    expect(lane.sent.length - before).toBe(4)
  })

  test('keeps a body until it was acknowledged', async () => {
    const { out, send, released } = dataOut()
    await send()
    out.acked(MIB)
    expect(released).toEqual([])
    out.acked(FRAME_HEADER_BYTES + MIB)
    expect(released).toEqual([true])
  })

  test('is not ready while a frame is on its way', async () => {
    const { out, lane, send } = dataOut()
    lane.full = true
    const sending = send()
    expect(out.canTake).toBe(false)
    const ready = out.ready()
    lane.drain()
    await sending
    expect(await isSettled(ready)).toBe(true)
  })

  test('gives everything up when the session ends: not to be used again', async () => {
    const { out, send, released } = dataOut()
    await send()
    out.close()
    expect(released).toEqual([false])
    await send()
    expect(released, 'never handed over').toEqual([false, true])
    expect(await isSettled(out.ready())).toBe(true)
    expect(out.canTake).toBe(false)
  })
})

describe('a channel', () => {
  test('takes data, nodes stay on the stream lane', async () => {
    const { out, channel, lane, send } = dataOut()
    out.use(channel)
    await send(100)
    await out.send({ kind: 'node', request: 1, ordinal: 0, bytes: 5 }, new Uint8Array(5), { release: () => undefined })
    expect(channel.written.map((parts) => parts.map(({ byteLength }) => byteLength))).toEqual([
      [FRAME_HEADER_BYTES, 100]
    ])
    expect(lane.sentBytes).toBe(FRAME_HEADER_BYTES + 5)
  })

  test('gets header and body as one piece where there is head room', async () => {
    const { out, channel, send } = dataOut()
    out.use(channel)
    await send(100, true)
    const [[frame] = []] = channel.written
    expect(frame).toEqual(Uint8Array.from([...encodeFrameHeader(dataHeader(100)), ...new Uint8Array(100).fill(7)]))
  })

  test('releases a body when the system took it, whatever is acknowledged', async () => {
    const { out, channel, send, released } = dataOut()
    out.use(channel)
    await send()
    expect(released).toEqual([])
    channel.take()
    expect(released).toEqual([true])
    expect(out.window.unackedBytes).toBe(0)
  })

  test('makes room at once for those that wait for acknowledgements', async () => {
    const { out, channel, send } = dataOut()
    for (let sent = 0; sent < SEND_WINDOW_BYTES; sent += MIB + FRAME_HEADER_BYTES) {
      await send()
    }
    const next = send()
    out.use(channel)
    expect(await isSettled(next)).toBe(true)
    expect(channel.written).toHaveLength(1)
  })

  test('that is full is waited for, until it has room or ends', async () => {
    const { out, channel, send } = dataOut()
    out.use(channel)
    channel.full = true
    const first = send()
    expect(await isSettled(first)).toBe(false)
    channel.take()
    expect(await isSettled(first)).toBe(true)
    channel.full = true
    const second = send()
    channel.abort(new DOMException('cut', 'AbortError'))
    expect(await isSettled(second)).toBe(true)
  })

  test('that was lost: data waits until the receiver has spoken, and what comes before is dropped', async () => {
    const { out, channel, lane, send, released } = dataOut()
    out.use(channel)
    out.halt()
    expect(out.canTake).toBe(false)
    const ready = out.ready()
    await send(100)
    expect([released, channel.written.length, lane.sentBytes]).toEqual([[true], 0, 0])
    expect(await isSettled(ready)).toBe(false)
    out.go()
    expect(await isSettled(ready)).toBe(true)
    await send(100)
    expect(lane.sentBytes).toBe(FRAME_HEADER_BYTES + 100)
  })

  test('nodes go on while data waits', async () => {
    const { out, lane } = dataOut()
    out.halt()
    await out.send({ kind: 'node', request: 1, ordinal: 0, bytes: 5 }, new Uint8Array(5), { release: () => undefined })
    expect(lane.sentBytes).toBe(FRAME_HEADER_BYTES + 5)
  })
})

describe('a lane that is left', () => {
  test('takes no more: the next frame goes by the new one', async () => {
    const { out, lane, send } = dataOut()
    await send(100)
    const next = new FakeLane()
    out.moveTo(1, next)
    expect(lane.ended).toBe(true)
    await send(50)
    expect([lane.sentBytes, next.sentBytes]).toEqual([FRAME_HEADER_BYTES + 100, FRAME_HEADER_BYTES + 50])
    expect(out.unackedBytes).toBe(2 * FRAME_HEADER_BYTES + 150)
  })

  test('has its frames sent again before one that has waited for the next lane', async () => {
    const { out, send } = dataOut()
    await send(100)
    out.pause()
    const waiting = send(50)
    expect(await isSettled(waiting)).toBe(false)
    out.finish(0)
    const next = new FakeLane()
    out.moveTo(1, next)
    expect(await isSettled(waiting)).toBe(true)
    expect(next.sent.map(({ byteLength }) => byteLength)).toEqual([FRAME_HEADER_BYTES + 100, FRAME_HEADER_BYTES + 50])
  })

  test('lets a frame that it does not take go, and the new one brings what did not arrive', async () => {
    const { out, lane, send, released } = dataOut()
    lane.full = true
    const sending = send()
    expect(await isSettled(sending)).toBe(false)
    const next = new FakeLane()
    out.moveTo(1, next)
    expect(await isSettled(sending)).toBe(true)
    expect(next.sentBytes, 'the peer has not said what came').toBe(0)
    out.acked(FRAME_HEADER_BYTES + BLOCK_BYTES, 0)
    out.finish(0)
    expect(await isSettled(out.ready())).toBe(true)
    expect(Buffer.concat(next.sent).subarray(0, FRAME_HEADER_BYTES)).toEqual(
      Buffer.from(encodeFrameHeader({ kind: 'data', leaf: 3, firstBlock: 1, bytes: MIB - BLOCK_BYTES }))
    )
    expect(next.sentBytes).toBe(FRAME_HEADER_BYTES + MIB - BLOCK_BYTES)
    expect(released).toEqual([])
    out.acked(next.sentBytes, 1)
    expect(released, 'the first lane may still hold it').toEqual([false])
  })

  test('with nothing after it: frames wait, and go by the next one', async () => {
    const { out, send } = dataOut()
    out.pause()
    expect(out.canTake).toBe(false)
    const sending = send(100)
    expect(await isSettled(sending)).toBe(false)
    const next = new FakeLane()
    out.moveTo(3, next)
    expect(await isSettled(sending)).toBe(true)
    expect(next.sentBytes).toBe(FRAME_HEADER_BYTES + 100)
  })

  test('counts as what is on the way: two windows at most, however many lanes were left', async () => {
    const { out, send } = dataOut()
    for (let move = 1; move < 5; move++) {
      while (out.canTake) {
        await send()
      }
      out.moveTo(move, new FakeLane())
    }
    expect(out.canTake).toBe(false)
    expect(out.unackedBytes).toBeGreaterThanOrEqual(2 * SEND_WINDOW_BYTES)
    expect(out.unackedBytes).toBeLessThan(2 * SEND_WINDOW_BYTES + 2 * MIB)
  })

  test('is not sent again what the peer asks for again, with a channel that it lost', async () => {
    const { out, channel, send, released } = dataOut()
    await send(100)
    out.use(channel)
    const next = new FakeLane()
    out.moveTo(1, next)
    out.go()
    out.finish(0)
    expect(await isSettled(out.ready())).toBe(true)
    expect([next.sentBytes, released]).toEqual([0, [false]])
  })

  test('that was never used here can be acknowledged with nothing, and no more', () => {
    const { out } = dataOut()
    out.moveTo(2, new FakeLane())
    expect(out.acked(0, 1)).toBe(true)
    expect(out.acked(1, 1)).toBe(false)
    out.finish(1)
    expect(out.canTake).toBe(true)
  })
})
