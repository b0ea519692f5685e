import { expect, it } from 'vitest'
import { Gate } from '../../src/store/gate.ts'

it('lets many in beside each other, and one alone', async () => {
  const gate = new Gate()
  const log: string[] = []
  const held: PromiseWithResolvers<void> = Promise.withResolvers()
  const step =
    (name: string, wait: Promise<void> = Promise.resolve()) =>
    async () => {
      log.push(`${name} begins`)
      await wait
      log.push(`${name} ends`)
    }
  const all = [
    gate.shared(step('a', held.promise)),
    gate.shared(step('b')),
    gate.exclusive(step('alone')),
    gate.shared(step('c')),
    gate.exclusive(step('alone too'))
  ]
  await all[1]
  expect(log).toEqual(['a begins', 'b begins', 'b ends'])
  held.resolve()
  await Promise.all(all)
  expect(log.slice(3, 6)).toEqual(['a ends', 'alone begins', 'alone ends'])
  expect(log.slice(6).sort()).toEqual(['alone too begins', 'alone too ends', 'c begins', 'c ends'])
})

it('opens again after a failure', async () => {
  const gate = new Gate()
  const fail = async (): Promise<never> => Promise.reject(new RangeError('no'))
  await expect(gate.exclusive(fail)).rejects.toThrow('no')
  await expect(gate.shared(fail)).rejects.toThrow('no')
  expect(await gate.exclusive(async () => 'yes')).toBe('yes')
})
