import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/random.ts'
import { TimingWheel } from '../../../src/sim/membership/timing-wheel.ts'

test('the wheel gives events by time, equal times in their order, however far away they are', () => {
  const random = seededRandom(1)
  const wheel = new TimingWheel<string>()
  const expected: Array<{ tick: number; order: number }> = []
  for (let order = 0; order < 5000; order++) {
    const tick = random.int(4) === 0 ? random.int(400_000) : random.int(50)
    expected.push({ tick, order })
    wheel.put(tick, 1, order, 0, 'payload')
  }
  expected.sort((a, b) => a.tick - b.tick || a.order - b.order)
  const seen: Array<{ tick: number; order: number }> = []
  wheel.run(400_001, { happen: (_kind, order, _link, _payload, tick) => seen.push({ tick, order }) })
  // what waits in the last slot may come behind what was put later for the same tick
  expect(seen.map(({ tick }) => tick)).toStrictEqual(expected.map(({ tick }) => tick))
  const near = ({ tick }: { tick: number }): boolean => tick < 65_000
  expect(seen.filter(near)).toStrictEqual(expected.filter(near))
})

test('the wheel lets events put more for the same tick', () => {
  const wheel = new TimingWheel<string>()
  const seen: string[] = []
  wheel.put(5, 1, 0, 0, 'first')
  wheel.put(5, 1, 0, 0, 'second')
  wheel.run(10, {
    happen: (kind, _node, _link, payload, tick) => {
      seen.push(`${payload} ${tick}`)
      if (kind === 1) {
        wheel.put(tick, 2, 0, 0, `after ${payload}`)
      }
    }
  })
  expect(seen).toStrictEqual(['first 5', 'second 5', 'after first 5', 'after second 5'])
  expect(wheel.tick).toBe(10)
})
