import { describe, expect, it } from 'vitest'
import { MatrixUsageError } from '../src/errors.ts'
import { resolveOptions } from '../src/options.ts'
import { SLICE } from '../src/pairs.ts'

describe('options', () => {
  it('run the real programs once for every pair unless told otherwise', () => {
    const { pairs, ...rest } = resolveOptions({})
    expect(pairs).toHaveLength(103)
    expect(rest).toEqual({ runs: 1, losses: [0], harness: 'cli', jobs: 1, maxWaitedMs: 100 })
  })

  it('run nodes thirty times', () => {
    expect(resolveOptions({ harness: 'node' }).runs).toBe(30)
  })

  it('take types, or pairs, and several losses', () => {
    expect(resolveOptions({ types: 'rst, public', loss: '0,5' })).toMatchObject({
      pairs: [
        { a: 'rst', b: 'rst' },
        { a: 'rst', b: 'public' },
        { a: 'public', b: 'public' }
      ],
      losses: [0, 5]
    })
    expect(resolveOptions({ types: 'rst:lan' }).pairs).toEqual([{ a: 'rst', b: 'lan' }])
  })

  it('take the slice as it is', () => {
    expect(resolveOptions({ slice: true, runs: '9', loss: '5' })).toEqual({
      pairs: SLICE,
      runs: 1,
      losses: [0],
      harness: 'cli',
      jobs: 1,
      maxWaitedMs: Infinity
    })
  })

  it.each([
    { runs: '0' },
    { runs: '1001' },
    { runs: '1.5' },
    { runs: 'many' },
    { loss: '-1' },
    { loss: '101' },
    { loss: '0,x' },
    { types: 'cone' },
    { types: 'rst:cone' },
    { types: 'rst:public,rst' },
    { harness: 'go' },
    { jobs: '0' },
    { jobs: '17' },
    { waited: '-1' },
    { write: true, types: 'rst:lan' },
    { write: true, slice: true }
  ])('are refused when they make no sense: %o', (line) => {
    expect(() => resolveOptions(line)).toThrow(MatrixUsageError)
  })

  it('write the page with all pairs, or of what was run before', () => {
    expect(resolveOptions({ write: true }).pairs).toHaveLength(103)
    expect(resolveOptions({ write: true, types: 'rst:lan', from: ['runs.jsonl'] }).pairs).toHaveLength(1)
  })

  it('are taken at their bounds', () => {
    expect(resolveOptions({ runs: '1000', loss: '100' })).toMatchObject({ runs: 1000, losses: [100] })
    expect(resolveOptions({ jobs: '16', waited: '0' })).toMatchObject({ jobs: 16, maxWaitedMs: 0 })
  })
})
