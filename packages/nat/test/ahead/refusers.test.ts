import { expect, test } from 'vitest'
import { MAX_REFUSERS } from '../../src/ahead/constants.ts'
import { Refusers } from '../../src/ahead/refusers.ts'

test('so many peers are remembered to have refused, and with one more the oldest is forgotten', () => {
  const refusers = new Refusers()
  for (let at = 0; at < MAX_REFUSERS; at++) {
    refusers.add(`peer ${at}`)
  }
  expect(refusers.has('peer 0')).toBe(true)
  refusers.add('peer 0')
  refusers.add('one more')
  expect(refusers.has('peer 0')).toBe(true)
  expect(refusers.has('peer 1')).toBe(false)
  expect(refusers.has('one more')).toBe(true)
})
