import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventQueue } from '../../src/sim/event-queue.ts'

test('events come out by time, those of equal time in the order in which they were put in', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 }), { maxLength: 3000 }), (times) => {
      const queue = new EventQueue<{ at: number; order: number }>()
      times.forEach((at, order) => {
        queue.push(at, { at, order })
      })
      const expected = times.map((at, order) => ({ at, order })).sort((a, b) => a.at - b.at || a.order - b.order)
      expect(queue.nextAt).toBe(expected[0]?.at)
      expect(times.map(() => queue.pop())).toEqual(expected)
      expect([queue.size, queue.nextAt, queue.pop()]).toEqual([0, undefined, undefined])
    }),
    { numRuns: 50 }
  )
})

test('putting in and taking out may alternate', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat({ max: 100 }), { nil: undefined })), (steps) => {
      const queue = new EventQueue<number>()
      const model: number[] = []
      for (const at of steps) {
        if (at === undefined) {
          expect(queue.pop()).toBe(model.shift())
        } else {
          queue.push(at, at)
          model.push(at)
          model.sort((a, b) => a - b)
        }
      }
      expect(queue.size).toBe(model.length)
    })
  )
})
