import { expect, test } from 'vitest'
import { logUnhandledRejections } from '../src/index.ts'

test('rejections that nobody handles are logged while the guard is there', () => {
  const before = process.listeners('unhandledRejection')
  const logged: unknown[] = []
  const remove = logUnhandledRejections({ error: (_format, reason) => logged.push(reason) })
  const [added] = process.listeners('unhandledRejection').filter((listener) => !before.includes(listener))
  const error = new Error('nobody waits')
  added?.(error, Promise.resolve())
  added?.('text', Promise.resolve())
  expect(logged).toEqual([error, { message: 'text' }])
  remove()
  expect(process.listeners('unhandledRejection')).toEqual(before)
})
