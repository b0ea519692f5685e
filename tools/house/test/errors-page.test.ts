import { expect, test } from 'vitest'
import { classFaults } from '../src/errors-page.ts'
import type { OwnedClass } from '../src/errors-page.ts'

const gone = (over: Partial<OwnedClass> = {}): OwnedClass => ({
  owner: 'a',
  name: 'GoneError',
  label: 'GoneError',
  code: 'ERR_GONE',
  faults: ['local'],
  description: 'It went away.',
  advice: [],
  base: 'P2PShareError',
  ...over
})

test.each([
  ['no name of its own', { label: '' }],
  ["another's name", { label: 'Gone' }],
  ['a code of another form', { code: 'GONE' }],
  ['no fault', { faults: [] }],
  ['no description', { description: '' }]
])('a class with %s is reported', (_, over) => {
  expect(classFaults([gone(over)])).toHaveLength(1)
})

test('a class that keeps the name of a RangeError is fine', () => {
  expect(classFaults([gone({ label: '', base: 'RangeError' })])).toEqual([])
})

test('one code for one failure: shared between packages when the fault is the same, never within one', () => {
  expect(classFaults([gone(), gone({ owner: 'b' })])).toEqual([])
  expect(classFaults([gone(), gone({ owner: 'b', faults: ['remote'] })])).toHaveLength(1)
  expect(classFaults([gone(), gone({ name: 'LostError', label: 'LostError' })])).toHaveLength(1)
})
