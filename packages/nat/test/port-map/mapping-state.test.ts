import { expect, test } from 'vitest'
import { MAX_RETRY_MS, RETRY_MS } from '../../src/port-map/constants.ts'
import { FIRST_STEP, nextMapping, wakeAt } from '../../src/port-map/mapping-state.ts'
import type { MappingState } from '../../src/port-map/mapping-state.ts'
import type { Lease } from '../../src/port-map/types.ts'

const HOUR = 3_600_000
const lease: Lease = { method: 'pcp', externalIp: '5.5.1.1', externalPort: 4001, obtainedAt: 0, lifetimeMs: HOUR }
const moved: Lease = { ...lease, externalPort: 4002, obtainedAt: HOUR / 2 }
const held: MappingState = { name: 'held', lease, renewAt: HOUR / 2 }
const renewing: MappingState = { name: 'renewing', lease }

test('a listener is asked for at once, and published when it is mapped', () => {
  expect(FIRST_STEP.effects).toEqual([{ type: 'ask' }])
  const step = nextMapping(FIRST_STEP.state, { type: 'mapped', lease }, 0)
  expect(step).toEqual({ state: held, effects: [{ type: 'publish', lease }] })
})

test('it is renewed at half its lifetime, with what it has as a wish', () => {
  expect(wakeAt(held)).toBe(HOUR / 2)
  expect(nextMapping(held, { type: 'tick' }, HOUR / 2 - 1).effects).toEqual([])
  expect(nextMapping(held, { type: 'tick' }, HOUR / 2)).toEqual({
    state: renewing,
    effects: [{ type: 'ask', suggest: lease }]
  })
})

test('a renewal with the same outside address changes nothing for others', () => {
  const again = { ...lease, obtainedAt: HOUR / 2 }
  const step = nextMapping(renewing, { type: 'mapped', lease: again }, HOUR / 2)
  expect(step).toEqual({ state: { name: 'held', lease: again, renewAt: HOUR }, effects: [] })
})

test('a renewal with another one moves what others know', () => {
  expect(nextMapping(renewing, { type: 'mapped', lease: moved }, HOUR / 2).effects).toEqual([
    { type: 'retract', lease },
    { type: 'publish', lease: moved }
  ])
})

test('a renewal that fails is tried again in half of what is left, until the lease ends', () => {
  const first = nextMapping(renewing, { type: 'refused' }, HOUR / 2)
  expect(first).toEqual({ state: { name: 'held', lease, renewAt: HOUR * 0.75 }, effects: [] })
  const last = nextMapping(renewing, { type: 'refused' }, HOUR - 1)
  expect(wakeAt(last.state)).toBe(HOUR)
  const ended = nextMapping(renewing, { type: 'refused' }, HOUR)
  expect(ended.effects).toEqual([{ type: 'retract', lease }])
  expect(ended.state.name).toBe('waiting')
})

test('a gateway that gives nothing is asked again, less and less often', () => {
  const waits = [0, 1, 2, 40].map((failures) => {
    const { state } = nextMapping({ name: 'asking', failures }, { type: 'refused' }, 0)
    return wakeAt(state)
  })
  expect(waits).toEqual([RETRY_MS, 2 * RETRY_MS, 4 * RETRY_MS, MAX_RETRY_MS])
})

test('a gateway that lost its state is asked at once; others keep the address until the answer', () => {
  expect(nextMapping(held, { type: 'lost' }, 5)).toEqual({
    state: renewing,
    effects: [{ type: 'ask', suggest: lease }]
  })
  const waiting: MappingState = { name: 'waiting', retryAt: HOUR, failures: 9 }
  expect(nextMapping(waiting, { type: 'lost' }, 5)).toEqual({
    state: { name: 'asking', failures: 0 },
    effects: [{ type: 'ask' }]
  })
  expect(nextMapping(renewing, { type: 'lost' }, 5)).toEqual({ state: renewing, effects: [] })
})

test('stopping takes the address back and gives the mapping up, also one that comes too late', () => {
  const stopped = nextMapping(held, { type: 'stop' }, 5)
  expect(stopped.effects).toEqual([
    { type: 'retract', lease },
    { type: 'release', lease }
  ])
  expect(nextMapping(stopped.state, { type: 'mapped', lease }, 6).effects).toEqual([{ type: 'release', lease }])
  expect(nextMapping(FIRST_STEP.state, { type: 'stop' }, 5).effects).toEqual([])
})
