import { expect, test } from 'vitest'
import { EventQueue, MAX_QUEUED_EVENTS } from '../src/event-queue.ts'

test('as many events wait as the bound; one more has the oldest dropped', async () => {
  const queue = new EventQueue<number>()
  for (let n = 0; n < MAX_QUEUED_EVENTS; n++) {
    queue.push(n)
  }
  expect(await queue.next(0)).toBe(0)
  queue.push(MAX_QUEUED_EVENTS)
  queue.push(MAX_QUEUED_EVENTS + 1)
  expect(await queue.next(0)).toBe(2)
})
