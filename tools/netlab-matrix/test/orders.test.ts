import { describe, expect, it } from 'vitest'
import { peerOrder } from '../src/run/orders.ts'

describe('an order', () => {
  it('is a line of JSON that says what to do', () => {
    expect(peerOrder('{"do":"end"}')).toEqual({ do: 'end' })
    expect(['', '{', 'null', '{}', '"end"'].map(peerOrder)).toEqual(Array(5).fill(undefined))
  })
})
