import { expect, test } from 'vitest'
import { NotInLabError } from '../src/errors.ts'
import { tellErrors } from '../src/tell.ts'

test('an error is told with what to do about it', () => {
  expect(tellErrors(new NotInLabError('there is no lab x', 'make it'))).toBe(
    'netlab: there is no lab x\n        make it\n'
  )
})

test('of two errors that come as one, the one that came first is told first', () => {
  const both = new SuppressedError(new Error('the lab is gone'), new Error('the probe was killed'))
  expect(tellErrors(both)).toBe('netlab: the probe was killed\nnetlab: the lab is gone\n')
})
