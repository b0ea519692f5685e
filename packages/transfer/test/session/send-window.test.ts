import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '../../src/constants.ts'
import { SEND_WINDOW_BYTES, SendWindow } from '../../src/session/send-window.ts'
import { FRAME_HEADER_BYTES } from '../../src/wire/frame.ts'

const MIB = 1024 * 1024

describe('what is on the way', () => {
  test('grows with what is sent and falls with what is acknowledged', () => {
    const window = new SendWindow()
    window.sent(100)
    window.sent(50)
    expect(window.unackedBytes).toBe(150)
    expect(window.acked(120)).toBe(true)
    expect(window.unackedBytes).toBe(30)
  })

  test('an acknowledgement of more than was sent is refused and changes nothing', () => {
    const window = new SendWindow()
    window.sent(100)
    expect(window.acked(101)).toBe(false)
    expect(window.unackedBytes).toBe(100)
    expect(window.acked(100)).toBe(true)
  })

  test('an older total that comes later takes nothing back', () => {
    const window = new SendWindow()
    window.sent(100)
    window.acked(80)
    expect(window.acked(40)).toBe(true)
    expect(window.unackedBytes).toBe(20)
  })
})

describe('room', () => {
  test('there is room below SEND_WINDOW_BYTES and none at it', () => {
    const window = new SendWindow()
    window.sent(SEND_WINDOW_BYTES - 1)
    expect(window.hasRoom).toBe(true)
    window.sent(1)
    expect(window.hasRoom).toBe(false)
    window.acked(1)
    expect(window.hasRoom).toBe(true)
  })
})

describe('bodies', () => {
  test('each is released once, when its last byte was acknowledged and not before', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('send' as const), bytes: fc.integer({ min: 1, max: 2_000_000 }) }),
      fc.record({ do: fc.constant('ack' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) })
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const window = new SendWindow()
        const ends: number[] = []
        const released: number[] = []
        let sent = 0
        let acked = 0
        for (const now of steps) {
          if (now.do === 'ack') {
            acked += Math.floor((sent - acked) * now.share)
            expect(window.acked(acked)).toBe(true)
          } else {
            sent += now.bytes
            window.sent(now.bytes)
            ends.push(sent)
            window.hold((reusable) => {
              expect(reusable).toBe(true)
              released.push(ends[released.length] ?? 0)
            })
          }
          expect(released).toEqual(ends.filter((end) => end <= acked))
          expect(window.unackedBytes).toBe(sent - acked)
        }
      })
    )
  })

  test('those that were not acknowledged when the session ended may not be used again', () => {
    const window = new SendWindow()
    const released: boolean[] = []
    window.sent(MIB)
    window.hold((reusable) => released.push(reusable))
    window.close()
    window.hold((reusable) => released.push(reusable))
    window.close()
    expect(released).toEqual([false, false])
  })
})

describe('what a lane lost', () => {
  const header = { kind: 'data', leaf: 4, firstBlock: 2, bytes: 3 * BLOCK_BYTES } as const
  const body = new Uint8Array(header.bytes).map((_, at) => at / BLOCK_BYTES)

  /** A window with one frame of three blocks on its way behind 1,000 other bytes, and so much of both acknowledged. */
  function lostAfter(acked: number, unsent = 0) {
    const window = new SendWindow()
    const released: boolean[] = []
    window.sent(1000)
    window.sent(FRAME_HEADER_BYTES + header.bytes - unsent)
    window.hold((reusable) => released.push(reusable), { header, body }, unsent)
    expect(window.acked(acked)).toBe(true)
    return { lost: window.lost(), released, window }
  }

  test.each<[acked: number, firstBlock: number]>([
    [0, 2],
    [1000 + FRAME_HEADER_BYTES - 1, 2],
    [1000 + FRAME_HEADER_BYTES + BLOCK_BYTES - 1, 2],
    [1000 + FRAME_HEADER_BYTES + BLOCK_BYTES, 3],
    [1000 + FRAME_HEADER_BYTES + 3 * BLOCK_BYTES - 1, 4]
  ])('after %i bytes begins at block %i', (acked, firstBlock) => {
    const { lost, window } = lostAfter(acked)
    const blocks = 5 - firstBlock
    expect(lost.map((frame) => frame.header)).toEqual([{ ...header, firstBlock, bytes: blocks * BLOCK_BYTES }])
    expect(lost[0]?.body[0]).toBe(firstBlock - 2)
    expect(window.unackedBytes).toBe(0)
  })

  test('is nothing when all of it was acknowledged', () => {
    const { lost, released } = lostAfter(1000 + FRAME_HEADER_BYTES + header.bytes)
    expect([lost, released]).toEqual([[], [true]])
  })

  test('has the rest of a frame that was never sent to its end', () => {
    const { lost } = lostAfter(1000 + FRAME_HEADER_BYTES + BLOCK_BYTES, BLOCK_BYTES)
    expect(lost[0]?.header).toEqual({ ...header, firstBlock: 3, bytes: 2 * BLOCK_BYTES })
  })

  test('is a node as a whole', () => {
    const window = new SendWindow()
    const node = { kind: 'node', request: 1, ordinal: 0, bytes: 40_000 } as const
    window.sent(FRAME_HEADER_BYTES + node.bytes)
    window.hold(() => undefined, { header: node, body: new Uint8Array(node.bytes) })
    window.acked(30_000)
    expect(window.lost().map((frame) => frame.header)).toEqual([node])
  })

  test('is not written over when it is released: the lane may still hold it', () => {
    const { lost, released } = lostAfter(0)
    lost[0]?.release(true)
    expect(released).toEqual([false])
  })
})
