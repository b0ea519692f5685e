import { expect, test } from 'vitest'
import { MAX_LOGGED_BYTES, MessageLog } from '../../src/session/message-log.ts'

function logOf(count: number): MessageLog {
  const log = new MessageLog()
  for (let at = 0; at < count; at++) {
    log.add(Uint8Array.of(at))
  }
  return log
}

test('what the peer has not heard is said again, from the first of it on', () => {
  const log = logOf(5)
  expect(log.since(3)).toEqual({ place: 3, messages: [Uint8Array.of(3), Uint8Array.of(4)] })
  expect(log.since(5)).toEqual({ place: 5, messages: [] })
  expect(log.since(6), 'never said').toBeUndefined()
})

test('what the peer acknowledged is not kept, and an older count begins behind it', () => {
  const log = logOf(5)
  expect(log.heard(2)).toBe(true)
  expect(log.heard(1)).toBe(true)
  expect(log.since(0)?.place).toBe(2)
  expect(log.heard(6), 'more than was said').toBe(false)
  expect(log.said).toBe(5)
})

test('MAX_LOGGED_BYTES are kept; with one more the peer cannot be told everything again, ever', () => {
  const log = new MessageLog()
  log.add(new Uint8Array(MAX_LOGGED_BYTES))
  expect(log.since(0)?.messages).toHaveLength(1)
  log.add(new Uint8Array(1))
  expect(log.since(0)).toBeUndefined()
  log.heard(2)
  log.add(new Uint8Array(1))
  expect(log.since(2)).toBeUndefined()
})
