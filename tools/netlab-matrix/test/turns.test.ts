import { describe, expect, it } from 'vitest'
import { Turns } from '../src/run/turns.ts'

/** No test takes as long. */
const NEVER_MS = 3_600_000

describe('turns', () => {
  it('come one after the other, in the order in which they were asked for', async () => {
    const turns = new Turns(NEVER_MS)
    const order: string[] = []
    const asked = ['one', 'two', 'three'].map(async (name) => {
      const done = await turns.take()
      order.push(`${name} begins`)
      await Promise.resolve()
      order.push(`${name} ends`)
      done()
    })
    await Promise.all(asked)
    expect(order).toEqual(['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends'])
  })

  it('do not wait for ever for one that has not ended', async () => {
    const turns = new Turns(1)
    await turns.take()
    const done = await turns.take()
    expect(done).toBeTypeOf('function')
  })
})
