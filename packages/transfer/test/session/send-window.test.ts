import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SEND_WINDOW_BYTES, SendWindow } from '../../src/session/send-window.ts'

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
