import { describe, expect, test, vi } from 'vitest'
import { NotInLabError } from '../src/errors.ts'
import { downOnAbort, stopSignal } from '../src/stopping.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

describe('the signal of a process', () => {
  test.each(SIGNALS)('aborts by %s, and the next one ends the process as ever', (name) => {
    const before = SIGNALS.map((each) => process.listenerCount(each))
    const signal = stopSignal()
    expect(signal.aborted).toBe(false)
    process.emit(name, name)
    expect(signal.aborted).toBe(true)
    expect(SIGNALS.map((each) => process.listenerCount(each))).toEqual(before)
  })
})

describe('a lab', () => {
  const labOf = () => ({ [Symbol.asyncDispose]: vi.fn(async () => undefined) })

  test('is taken down on abort, once', () => {
    const stop = new AbortController()
    const lab = labOf()
    using _ = downOnAbort(stop.signal, lab)
    expect(lab[Symbol.asyncDispose]).not.toHaveBeenCalled()
    stop.abort()
    expect(lab[Symbol.asyncDispose]).toHaveBeenCalledOnce()
  })

  test('is taken down at once where the abort came before it was there', () => {
    const lab = labOf()
    using _ = downOnAbort(AbortSignal.abort(), lab)
    expect(lab[Symbol.asyncDispose]).toHaveBeenCalledOnce()
  })

  test('that cannot be taken down is no error of the signal: its block tells', async () => {
    const stop = new AbortController()
    const unhandled = vi.fn()
    process.once('unhandledRejection', unhandled)
    using _ = downOnAbort(stop.signal, {
      [Symbol.asyncDispose]: async () => Promise.reject(new NotInLabError('no lab'))
    })
    stop.abort()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  test('is left alone when its block has ended', () => {
    const stop = new AbortController()
    const lab = labOf()
    downOnAbort(stop.signal, lab)[Symbol.dispose]()
    stop.abort()
    expect(lab[Symbol.asyncDispose]).not.toHaveBeenCalled()
  })
})
