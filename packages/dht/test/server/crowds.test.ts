import { seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { Crowds } from '../../src/server/crowds.ts'

test('the largest is known through a thousand random changes', () => {
  const random = seededRandom('crowds')
  const crowds = new Crowds()
  const truth = new Map<string, number>()
  for (let step = 0; step < 1_000; step++) {
    const name = `n${random.int(12)}`
    const by = (truth.get(name) ?? 0) > 0 && random.float() < 0.5 ? -1 : 1
    crowds.change(name, by)
    truth.set(name, (truth.get(name) ?? 0) + by)
    const most = Math.max(...truth.values())
    expect(crowds.most).toBe(most)
    expect(crowds.of(name)).toBe(truth.get(name))
    expect(crowds.largest === undefined ? 0 : truth.get(crowds.largest)).toBe(most)
  }
})

test('nobody is the largest when nobody has any', () => {
  const crowds = new Crowds()
  expect(crowds.largest).toBeUndefined()
  crowds.change('a', 1)
  expect(crowds.largest).toBe('a')
  crowds.change('a', -1)
  expect(crowds.largest).toBeUndefined()
  expect(crowds.most).toBe(0)
})
