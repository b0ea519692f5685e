import { expect, test } from 'vitest'
import { runMochaSuite } from '../../src/runner/mocha.ts'
import { collect } from '../helpers/collect.ts'

/** What a mocha suite finds in scope. */
interface MochaScope {
  describe(name: string, body: () => void): void
  it(name: string, body: (this: { timeout(ms: number): void; skip(): never }) => unknown): void
  beforeEach(body: () => unknown): void
  afterEach(body: () => unknown): void
}
const scope = globalThis as unknown as MochaScope

test('runs tests and hooks in their suites', async () => {
  const log: string[] = []
  const results = await collect((runner) => {
    runMochaSuite(runner, () => {
      scope.describe('outer', () => {
        scope.beforeEach(async () => log.push('before'))
        scope.afterEach(() => log.push('after'))
        scope.it('first', () => log.push('first'))
        scope.describe('inner', () => {
          scope.it('second', async () => log.push('second'))
        })
      })
    })
  })
  expect(results.map(({ name, status }) => [name, status])).toEqual([
    ['outer > first', 'passed'],
    ['outer > inner > second', 'passed']
  ])
  expect(log).toEqual(['before', 'first', 'after', 'before', 'second', 'after'])
})

test('reports what a test throws, at once or later', async () => {
  const results = await collect((runner) => {
    runMochaSuite(runner, () => {
      scope.it('throws', () => {
        throw new RangeError('at once')
      })
      scope.it('rejects', async () => {
        throw new RangeError('later')
      })
    })
  })
  expect(results.map(({ error }) => (error as Error).message)).toEqual(['at once', 'later'])
})

test('this.skip ends the test and reports it as left out', async () => {
  let reached = false
  const results = await collect((runner) => {
    runMochaSuite(runner, () => {
      scope.it('is skipped', async function () {
        await Promise.resolve()
        this.skip()
        reached = true
      })
    })
  })
  expect(results.map(({ status }) => status)).toEqual(['skipped'])
  expect(reached).toBe(false)
})

test('this.timeout limits the test that sets it', async () => {
  const results = await collect((runner) => {
    runMochaSuite(runner, () => {
      scope.it('hangs', async function () {
        this.timeout(5)
        await new Promise(() => undefined)
      })
    })
  })
  expect(results[0]?.error).toMatchObject({ code: 'ERR_DEADLINE', afterMs: 5 })
})

test('leaves no globals behind, not even when the suite throws', () => {
  const before = Object.getOwnPropertyNames(globalThis)
  const ignore = {
    describe: () => undefined,
    it: () => undefined,
    beforeEach: () => undefined,
    afterEach: () => undefined
  }
  expect(() => {
    runMochaSuite(ignore, () => {
      expect(scope.describe).toBeTypeOf('function')
      throw new RangeError('planted')
    })
  }).toThrow('planted')
  expect(Object.getOwnPropertyNames(globalThis)).toEqual(before)
})
