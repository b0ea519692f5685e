import { expect, test } from 'vitest'
import { errorClasses } from '../src/error-classes.ts'

const parse = (text: string) => errorClasses('errors.ts', text)

test('reads name, code, fault, description and advice of a class', () => {
  expect(
    parse(`
      /** The file went
       * away. */
      export class GoneError extends P2PShareError {
        static override readonly name = 'GoneError'
        override readonly name = 'GoneError'
        readonly code = 'ERR_GONE'
        readonly fault = 'local'
        override readonly advice = 'put it back'
      }`)
  ).toEqual([
    {
      name: 'GoneError',
      label: 'GoneError',
      code: 'ERR_GONE',
      faults: ['local'],
      description: 'The file went away.',
      advice: ['put it back'],
      base: 'P2PShareError'
    }
  ])
})

test('lists every advice that a constructor can choose, and not what it compares with', () => {
  const [found] = parse(`
    class DiskError extends P2PShareError {
      constructor (errno: string) {
        super(errno)
        this.advice = errno === 'ENOSPC' ? 'free some space' : \`check \${path}\`
      }
    }`)
  expect(found?.advice).toEqual(['free some space', 'check <path>'])
})

test('leaves out abstract classes and classes that are no errors', () => {
  expect(parse('abstract class AError extends Error {} class Store extends Base {} class Plain {}')).toEqual([])
})
