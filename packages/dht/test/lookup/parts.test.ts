import { seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { merge } from '../../src/find/merge.ts'
import { EventStream } from '../../src/lookup/event-stream.ts'
import { HeardDistances } from '../../src/lookup/heard.ts'
import { MAX_NEAR_BITS, keyNear } from '../../src/lookup/key-near.ts'
import { positionOfKey } from '../../src/rpc/contacts.ts'
import { commonPrefix } from '../../src/rules/position.ts'
import { SizeSamples, guessSize } from '../../src/size-samples.ts'
import { collect } from '../support/network.ts'

const random = seededRandom('parts')

test('a key is found near a position, as near as is wanted up to 16 bits', async () => {
  const position = { high: random.uint32(), low: random.uint32() }
  for (const bits of [0, 5, MAX_NEAR_BITS, MAX_NEAR_BITS + 8]) {
    const key = await keyNear(position, bits, 7)
    expect(commonPrefix(positionOfKey(key), position)).toBeGreaterThanOrEqual(Math.min(bits, MAX_NEAR_BITS))
    expect(key).toHaveLength(34)
  }
})

test('an event stream hands out in order what was pushed before and while it is read', async () => {
  const events = new EventStream<number>()
  events.push(1)
  events.push(2)
  setImmediate(() => {
    events.push(3)
    events.end()
    events.push(4)
  })
  expect(await collect(events)).toEqual([1, 2, 3])
})

test('merged sources end together, and a failure ends them all', async () => {
  const list = async function* (...items: (number | Error)[]): AsyncGenerator<number, void, undefined> {
    for (const item of items) {
      await Promise.resolve()
      if (item instanceof Error) {
        throw item
      }
      yield item
    }
  }
  expect((await collect(merge([list(1, 2), list(3)]))).sort()).toEqual([1, 2, 3])
  await expect(collect(merge([list(1), list(new TypeError('broken'))]))).rejects.toThrow('broken')
})

test('the twentieth that is heard of says how far the nearest reach, once there are so many', () => {
  const heard = new HeardDistances()
  for (let at = 0; at < 20; at++) {
    expect(heard.add(`${at}`, 0.000_1 * at, 1)).toBe(true)
  }
  expect(heard.add('3', 0.5, 2)).toBe(false)
  expect(heard.reach).toBeCloseTo(0.001_9, 9)
  heard.delete('3')
  expect(heard.reach).toBe(Infinity)
})

test('before lookups tell, the own neighbourhood does', () => {
  const position = (): { high: number; low: number } => ({ high: random.uint32(), low: random.uint32() })
  expect(guessSize(position(), [])).toBeUndefined()
  expect(guessSize(position(), [position(), position()])).toEqual({ nodes: 3, ranks: 2 })
  const self = { high: 0, low: 0 }
  const nearest = Array.from({ length: 20 }, (_, at) => ({ high: ((at + 1) * 2 ** 32) / 1_000, low: 0 }))
  expect(guessSize(self, nearest)?.nodes).toBeCloseTo(950, 0)
  expect(guessSize(self, nearest)?.ranks).toBe(20)
})

test('three lookups are an estimate, one without a sample is none', () => {
  const sizes = new SizeSamples()
  sizes.add(undefined)
  for (let at = 0; at < 3; at++) {
    expect(sizes.estimate(0)).toBeUndefined()
    sizes.add({ count: 20, distance: 0.02, at: 0 })
  }
  expect(sizes.estimate(0)?.nodes).toBeCloseTo(983, 0)
})
