import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SEND_WINDOW_BYTES, SendWindow } from '../../src/session/send-window.ts'

const MIB = 1024 * 1024

const never = new Promise<never>(() => undefined)

/** Whether a promise is settled by the end of this turn. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  void promise.then(() => (settled = true))
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve()
  }
  return settled
}

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
  test('there is room below SEND_WINDOW_BYTES and none at it', async () => {
    const window = new SendWindow()
    window.sent(SEND_WINDOW_BYTES - 1)
    expect(await isSettled(window.room(never))).toBe(true)
    window.sent(1)
    expect(await isSettled(window.room(never))).toBe(false)
  })

  test('who waits goes on when enough was acknowledged, and not before', async () => {
    const window = new SendWindow()
    window.sent(SEND_WINDOW_BYTES + 1000)
    const waiting = window.room(never)
    window.acked(1000)
    expect(await isSettled(waiting)).toBe(false)
    window.acked(1001)
    expect(await isSettled(waiting)).toBe(true)
  })

  test('who waits goes on when the session ends', async () => {
    const window = new SendWindow()
    window.sent(SEND_WINDOW_BYTES)
    const end = Promise.withResolvers<string>()
    const waiting = window.room(end.promise)
    expect(await isSettled(waiting)).toBe(false)
    end.resolve('closed')
    expect(await isSettled(waiting)).toBe(true)
  })
})

describe('buffers', () => {
  test('a lent buffer comes back when the last byte that refers to it was acknowledged', () => {
    const window = new SendWindow()
    const buffer = window.borrow(MIB)
    window.sent(MIB)
    window.lend(buffer)
    window.acked(MIB - 1)
    expect(window.borrow(MIB)).not.toBe(buffer)
    window.acked(MIB)
    expect(window.borrow(MIB)).toBe(buffer)
  })

  test('one that was not sent comes back at once', () => {
    const window = new SendWindow()
    const buffer = window.borrow(MIB)
    window.giveBack(buffer)
    expect(window.borrow(MIB)).toBe(buffer)
  })

  test('a larger buffer does for less, a smaller one does not for more', () => {
    const window = new SendWindow()
    const buffer = window.borrow(MIB)
    window.giveBack(buffer)
    expect(window.borrow(MIB + 1).byteLength).toBe(MIB + 1)
    expect(window.borrow(MIB - 1)).toBe(buffer)
  })

  test('small ones are not kept, and all that are kept fit into one window', () => {
    const window = new SendWindow()
    const small = window.borrow(1000)
    window.giveBack(small)
    expect(window.borrow(1000)).not.toBe(small)
    const buffers = Array.from({ length: SEND_WINDOW_BYTES / MIB + 1 }, () => window.borrow(MIB))
    for (const buffer of buffers) {
      window.giveBack(buffer)
    }
    const again = new Set(buffers.map(() => window.borrow(MIB)))
    expect(buffers.filter((buffer) => again.has(buffer))).toHaveLength(SEND_WINDOW_BYTES / MIB)
  })

  test('a buffer is never in use twice: not before all of its bytes were acknowledged', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('send' as const), bytes: fc.integer({ min: 1, max: 2_000_000 }) }),
      fc.record({ do: fc.constant('give back' as const), bytes: fc.integer({ min: 1, max: 2_000_000 }) }),
      fc.record({ do: fc.constant('ack' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) })
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const window = new SendWindow()
        /** Buffer -> lane offset behind its last byte. */
        const lent = new Map<Uint8Array, number>()
        let sent = 0
        let acked = 0
        for (const now of steps) {
          if (now.do === 'ack') {
            acked += Math.floor((sent - acked) * now.share)
            expect(window.acked(acked)).toBe(true)
          } else {
            const buffer = window.borrow(now.bytes)
            expect(buffer.byteLength).toBeGreaterThanOrEqual(now.bytes)
            expect(lent.get(buffer) ?? 0).toBeLessThanOrEqual(acked)
            if (now.do === 'give back') {
              window.giveBack(buffer)
            } else {
              sent += now.bytes
              window.sent(now.bytes)
              window.lend(buffer)
              lent.set(buffer, sent)
            }
          }
          expect(window.unackedBytes).toBe(sent - acked)
        }
      })
    )
  })

  test('a steady stream of leaves of one size uses few buffers again and again', () => {
    const window = new SendWindow()
    const buffers = new Set<Uint8Array>()
    const MIB = 1024 * 1024
    for (let leaf = 1; leaf <= 1000; leaf++) {
      const buffer = window.borrow(MIB)
      buffers.add(buffer)
      window.sent(MIB)
      window.lend(buffer)
      if (leaf % 2 === 0) {
        window.acked((leaf - 2) * MIB)
      }
    }
    expect(buffers.size).toBeLessThanOrEqual(SEND_WINDOW_BYTES / MIB)
  })
})
