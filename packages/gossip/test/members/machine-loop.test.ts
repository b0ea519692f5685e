import { expect, test } from 'vitest'
import { MachineLoop } from '../../src/members/machine-loop.ts'
import type { MembershipMachine } from '../../src/membership/types.ts'

/** A machine of which only its alarm is there. */
function fakeMachine(): { wakeAt: number; ticks: number[]; tick: (now: number) => void } {
  return {
    wakeAt: Infinity,
    ticks: [],
    tick(now) {
      this.ticks.push(now)
      this.wakeAt = Infinity
    }
  }
}

function createLoop(machine: ReturnType<typeof fakeMachine>, onSettled = (): void => undefined) {
  const errors: unknown[] = []
  const loop = new MachineLoop({
    machine: machine as unknown as MembershipMachine,
    now: () => performance.now(),
    onSettled,
    onError: (error) => errors.push(error)
  })
  return { loop, errors }
}

test('a call from within a call comes after it', () => {
  const { loop } = createLoop(fakeMachine())
  const order: string[] = []
  loop.call(() => {
    loop.call(() => order.push('inner'))
    order.push('outer')
  })
  expect(order).toEqual(['outer', 'inner'])
})

test('who listens is told when the machine is done', () => {
  let depth = 0
  const seen: number[] = []
  const { loop } = createLoop(fakeMachine(), () => seen.push(depth))
  loop.call(() => {
    depth++
    loop.call(() => depth--)
  })
  expect(seen).toEqual([0])
})

test('a fault in the machine is told, and the next call is made', () => {
  const { loop, errors } = createLoop(fakeMachine())
  const fault = new RangeError('a bug')
  let called = false
  loop.call(() => {
    loop.call(() => (called = true))
    throw fault
  })
  expect(errors).toEqual([fault])
  expect(called).toBe(true)
})

test('the machine is woken when it wants to be, and an earlier wish comes first', async () => {
  const machine = fakeMachine()
  const { loop } = createLoop(machine)
  const { promise, resolve } = Promise.withResolvers<undefined>()
  machine.tick = (now) => {
    machine.ticks.push(now)
    machine.wakeAt = Infinity
    resolve(undefined)
  }
  const begin = performance.now()
  loop.call(() => (machine.wakeAt = begin + 60_000))
  loop.call(() => (machine.wakeAt = begin + 5))
  await promise
  expect(machine.ticks[0]).toBeGreaterThanOrEqual(begin + 5)
  expect(machine.ticks[0]).toBeLessThan(begin + 30_000)
  loop.stop()
})

test('after the process stood still, what lies in sockets is read before the machine is woken', async () => {
  const machine = fakeMachine()
  const { loop } = createLoop(machine)
  const order: string[] = []
  const { promise, resolve } = Promise.withResolvers<undefined>()
  machine.tick = () => {
    machine.wakeAt = Infinity
    order.push('tick')
    resolve(undefined)
  }
  const begin = performance.now()
  loop.call(() => (machine.wakeAt = begin + 1))
  // what comes in during the stall is seen in the next turns of the event loop
  setImmediate(() => setImmediate(() => order.push('input')))
  while (performance.now() < begin + 60) {
    // the process stands still
  }
  await promise
  expect(order).toEqual(['input', 'tick'])
  loop.stop()
})

test('nothing is called after the stop', async () => {
  const machine = fakeMachine()
  const { loop } = createLoop(machine)
  loop.call(() => (machine.wakeAt = performance.now()))
  loop.stop()
  loop.call(() => machine.ticks.push(0))
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(machine.ticks).toEqual([])
})
