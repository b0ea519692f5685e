import { expect, test } from 'vitest'
import { Windows } from '../../src/read/windows.ts'

function windows() {
  const held = new Set<number>()
  const made = new Windows()
  return { held, made, change: () => made.change((leaf) => held.has(leaf)) }
}

const [one, other] = [{}, {}]

test('what a reader needs is fetched, and no more when it moves on or leaves', () => {
  const { held, made, change } = windows()
  made.set(one, [1, 2, 3])
  expect(change()).toEqual({ more: [1, 2, 3], less: [] })
  held.add(1)
  made.set(one, [2, 3, 4])
  expect(change()).toEqual({ more: [4], less: [] })
  made.set(one, [90, 91]) // it seeks
  expect(change()).toEqual({ more: [90, 91], less: [2, 3, 4] })
  held.add(90)
  made.delete(one)
  expect(change()).toEqual({ more: [], less: [91] })
  expect(change()).toEqual({ more: [], less: [] })
})

test('what another reader needs too stays', () => {
  const { made, change } = windows()
  made.set(one, [1, 2])
  made.set(other, [2, 3])
  expect(change()).toEqual({ more: [1, 2, 3], less: [] })
  made.delete(one)
  expect(change()).toEqual({ more: [], less: [1] })
  made.set(one, [1, 2])
  expect(change()).toEqual({ more: [1], less: [] })
})
