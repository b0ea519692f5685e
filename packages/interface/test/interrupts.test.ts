import { expect, test } from 'vitest'
import { SAME_PRESS_MS, onInterrupt } from '../src/interrupts.ts'

test('the first signal stops cleanly, a second one exits', () => {
  const first = onInterrupt({}, 1000)
  expect(first.action).toBe('stop')
  expect(onInterrupt(first.state, 1000 + SAME_PRESS_MS).action).toBe('exit')
})

test('one key press that arrives twice counts once', () => {
  const first = onInterrupt({}, 0)
  const again = onInterrupt(first.state, SAME_PRESS_MS - 1)
  expect(again.action).toBe('ignore')
  expect(onInterrupt(again.state, SAME_PRESS_MS).action).toBe('exit')
})
