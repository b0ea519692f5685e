import { describe, expect, test, vi } from 'vitest'
import { LeakError } from '../../src/errors.ts'
import { checkLeaks, repeatableSeed } from '../../src/runner/hooks.ts'
import * as entry from '../../src/vitest.ts'
import { collect } from '../helpers/collect.ts'

entry.checkLeaks()

describe('checkLeaks', () => {
  test('fails the test that left something open, and not the next', async () => {
    const timers: NodeJS.Timeout[] = []
    const results = await collect((runner) => {
      checkLeaks(runner, { settleMs: 1 })
      runner.it('clean', () => undefined)
      runner.it('leaks', () => {
        timers.push(setTimeout(() => undefined, 1_000_000))
      })
      runner.it('clean again', () => undefined)
    })
    timers.forEach(clearTimeout)
    expect(results.map(({ name, status }) => [name, status])).toEqual([
      ['clean', 'passed'],
      ['leaks', 'failed'],
      ['clean again', 'passed']
    ])
    expect(results[1]?.error).toBeInstanceOf(LeakError)
  })
})

describe('repeatableSeed', () => {
  test('prints the seed for the test that failed, and for no other', async () => {
    vi.stubEnv('SEED', 'abc')
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      let seed = ''
      await collect((runner) => {
        seed = repeatableSeed(runner)
        runner.it('passes', () => undefined)
        runner.it('breaks', () => {
          throw new RangeError('planted')
        })
      })
      expect(seed).toBe('abc')
      expect(written.mock.calls).toEqual([['"breaks" failed with SEED=abc; set SEED to repeat it\n']])
    } finally {
      vi.restoreAllMocks()
      vi.unstubAllEnvs()
    }
  })
})
