import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LeafMap } from '../../src/leaf-map.ts'
import { PolicyDriver } from '../../src/share/policy-driver.ts'
import type { SharePolicy } from '../../src/swarm/policy.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** A driver whose policy wants to be woken at a time. */
function driverOf(policy: { wakeAt: number; tick: (now: number) => readonly [] }): PolicyDriver {
  return new PolicyDriver({
    map: {} as LeafMap,
    policy: policy as Partial<SharePolicy> as SharePolicy,
    member: () => undefined,
    wakeUplink: () => undefined,
    sent: () => undefined,
    verify: () => undefined,
    forget: () => undefined,
    drop: () => undefined
  })
}

test('a policy is woken once for a time between two milliseconds, not before it and again', async () => {
  const delays = vi.spyOn(globalThis, 'setTimeout')
  const at = performance.now() + 10.4
  const woken: number[] = []
  const policy = {
    wakeAt: at,
    tick: (now: number) => {
      woken.push(now)
      policy.wakeAt = now < at ? at : Infinity
      return [] as const
    }
  }
  const driver = driverOf(policy)
  driver.act([])
  await vi.advanceTimersByTimeAsync(100)
  expect(delays.mock.calls.map(([, ms]) => ms)).toEqual([11]) // Node makes 10 of 10.4
  expect(woken).toHaveLength(1)
  expect(woken[0]).toBeGreaterThanOrEqual(at)
  driver.stop()
})
