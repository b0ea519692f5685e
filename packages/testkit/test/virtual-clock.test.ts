import { fc, test as propTest } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { sleep, systemClock } from '../src/clock.ts'
import { virtualClock } from '../src/virtual-clock.ts'

describe('virtualClock', () => {
  test('stands still until it is told to move', () => {
    const clock = virtualClock({ startMs: 1_000 })
    clock.setTimeout(() => {
      expect.unreachable('nothing moved the clock')
    }, 0)
    expect(clock.now()).toBe(1_000)
    expect(clock.pending).toBe(1)
    expect(clock.nextAtMs).toBe(1_000)
  })

  test('fires in order of time, then of scheduling, and shows each callback its own time', () => {
    const clock = virtualClock()
    const fired: string[] = []
    const at = (ms: number, name: string) =>
      clock.setTimeout(() => {
        fired.push(`${name}@${clock.now()}`)
      }, ms)
    at(30, 'c')
    at(10, 'a1')
    at(20, 'b')
    at(10, 'a2')
    at(31, 'late')
    clock.advance(30)
    expect(fired).toEqual(['a1@10', 'a2@10', 'b@20', 'c@30'])
    expect(clock.now()).toBe(30)
    expect(clock.pending).toBe(1)
  })

  test('fires what callbacks schedule, when it is due within the same advance', () => {
    const clock = virtualClock()
    const fired: number[] = []
    const every = (ms: number): void => {
      clock.setTimeout(() => {
        fired.push(clock.now())
        every(ms)
      }, ms)
    }
    every(10)
    clock.advance(35)
    expect(fired).toEqual([10, 20, 30])
  })

  test('forgets a cleared timer, and clearing it again, or after it fired, changes nothing', () => {
    const clock = virtualClock()
    const fired: string[] = []
    const cleared = clock.setTimeout(() => fired.push('cleared'), 5)
    const kept = clock.setTimeout(() => fired.push('kept'), 5)
    clock.clearTimeout(cleared)
    clock.clearTimeout(cleared)
    clock.clearTimeout(undefined)
    expect(clock.pending).toBe(1)
    clock.advance(5)
    clock.clearTimeout(kept)
    expect(fired).toEqual(['kept'])
    expect(clock.pending).toBe(0)
    expect(clock.nextAtMs).toBeUndefined()
  })

  test('runs promise reactions between timers when advanced asynchronously', async () => {
    const clock = virtualClock()
    const seen: number[] = []
    const loop = async () => {
      for (let turn = 0; turn < 3; turn++) {
        await sleep(clock, 100)
        seen.push(clock.now())
      }
    }
    const running = loop()
    await clock.advanceAsync(1_000)
    await running
    expect(seen).toEqual([100, 200, 300])
  })

  test('a callback that throws ends the advance at its time, and the rest can go on', () => {
    const clock = virtualClock()
    const fired: string[] = []
    clock.setTimeout(() => {
      throw new RangeError('planted')
    }, 10)
    clock.setTimeout(() => fired.push('next'), 20)
    expect(() => {
      clock.advance(100)
    }).toThrow('planted')
    expect(clock.now()).toBe(10)
    clock.advance(10)
    expect(fired).toEqual(['next'])
  })

  test('runs as many callbacks as it may and not one more', () => {
    const forever = (maxCallbacks: number, callbacks: number) => {
      const clock = virtualClock({ maxCallbacks })
      let left = callbacks
      const again = (): void => {
        if (left-- > 0) {
          clock.setTimeout(again, 0)
        }
      }
      clock.setTimeout(again, 0)
      clock.advance(1)
    }
    expect(() => {
      forever(100, 99)
    }).not.toThrow()
    expect(() => {
      forever(100, 100)
    }).toThrow(expect.objectContaining({ code: 'ERR_RUNAWAY_CLOCK', callbacks: 100 }))
  })

  test.each([-1, NaN, Infinity])('does not move by %s', (ms) => {
    expect(() => {
      virtualClock().advance(ms)
    }).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }))
  })

  propTest.prop([fc.array(fc.tuple(fc.nat(50), fc.boolean()), { maxLength: 60 })])(
    'fires every timer that was not cleared, sorted by time and then by scheduling',
    (timers) => {
      const clock = virtualClock()
      const fired: number[] = []
      const handles = timers.map(([ms], index) => clock.setTimeout(() => fired.push(index), ms))
      timers.forEach(([, cleared], index) => {
        if (cleared) {
          clock.clearTimeout(handles[index])
        }
      })
      clock.advance(50)
      const expected = timers
        .map(([ms, cleared], index) => ({ ms, cleared, index }))
        .filter(({ cleared }) => !cleared)
        .sort((a, b) => a.ms - b.ms || a.index - b.index)
      expect(fired).toEqual(expected.map(({ index }) => index))
    }
  )
})

describe('sleep', () => {
  test('rejects with the reason of a signal that is aborted before, and sets no timer', async () => {
    const clock = virtualClock()
    const reason = new RangeError('enough')
    await expect(sleep(clock, 10, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(clock.pending).toBe(0)
  })

  test('rejects with the reason of a signal that is aborted during, and drops its timer', async () => {
    const clock = virtualClock()
    const controller = new AbortController()
    const sleeping = sleep(clock, 10, { signal: controller.signal })
    const reason = new RangeError('enough')
    controller.abort(reason)
    await expect(sleeping).rejects.toBe(reason)
    expect(clock.pending).toBe(0)
  })

  test('works on the time of the process too', async () => {
    const before = systemClock.now()
    await sleep(systemClock, 1)
    expect(systemClock.now()).toBeGreaterThanOrEqual(before)
    systemClock.clearTimeout(systemClock.setTimeout(() => expect.unreachable(), 10_000))
  })
})
