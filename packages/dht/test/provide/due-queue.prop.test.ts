import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { DueQueue } from '../../src/provide/due-queue.ts'

const operations = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('set' as const), item: fc.nat({ max: 15 }), dueAt: fc.nat({ max: 100 }) }),
    fc.record({ type: fc.constant('never' as const), item: fc.nat({ max: 15 }) }),
    fc.record({ type: fc.constant('delete' as const), item: fc.nat({ max: 15 }) })
  ),
  { maxLength: 80 }
)

test.prop([operations])('the earliest item is first, whatever was added, moved and taken out before', (list) => {
  const queue = new DueQueue<number>()
  const model = new Map<number, number>()
  for (const operation of list) {
    if (operation.type === 'set') {
      queue.set(operation.item, operation.dueAt)
      model.set(operation.item, operation.dueAt)
    } else {
      if (operation.type === 'never') {
        queue.set(operation.item, Infinity)
      } else {
        queue.delete(operation.item)
      }
      model.delete(operation.item)
    }
    expect(queue.size).toBe(model.size)
    const first = queue.peek()
    expect(first?.dueAt).toBe(model.size === 0 ? undefined : Math.min(...model.values()))
    if (first !== undefined) {
      expect(model.get(first.item)).toBe(first.dueAt)
    }
  }
})
