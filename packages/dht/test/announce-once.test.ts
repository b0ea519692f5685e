import type { PeerId } from '@libp2p/interface'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { announceOnce } from '../src/announce-once.ts'
import { FakeKad, randomPeer, response } from './support/fake-kad.ts'
import { rootOf } from './support/roots.ts'

let kad: FakeKad
let self: PeerId
let other: PeerId

beforeEach(async () => {
  vi.useFakeTimers()
  kad = new FakeKad()
  self = await randomPeer()
  other = await randomPeer()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

test('counts the peers that took the record, not those that were only asked for the way', async () => {
  kad.provideSteps = () => [
    response(other, 'GET_PROVIDERS'),
    response(other, 'ADD_PROVIDER'),
    response(other, 'ADD_PROVIDER')
  ]
  kad.findSteps = () => [response(other, 'GET_PROVIDERS', [{ id: self, multiaddrs: [] }])]
  expect(await announceOnce(kad, self, rootOf(1), {})).toEqual({ sentTo: 2, confirmed: true })
})

test('does not ask for the record back when nobody took it', async () => {
  expect(await announceOnce(kad, self, rootOf(1), {})).toEqual({ sentTo: 0, confirmed: false })
  expect(kad.finds).toBe(0)
})

test('the record in our own store is no confirmation', async () => {
  kad.provideSteps = () => [response(other, 'ADD_PROVIDER')]
  kad.findSteps = () => [response(self, 'GET_PROVIDERS', [{ id: self, multiaddrs: [] }])]
  const announced = announceOnce(kad, self, rootOf(1), {})
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await announced).toEqual({ sentTo: 1, confirmed: false })
})

test('a record that is back at the second try is confirmed', async () => {
  kad.provideSteps = () => [response(other, 'ADD_PROVIDER')]
  kad.findSteps = (call) => [response(other, 'GET_PROVIDERS', call === 0 ? [] : [{ id: self, multiaddrs: [] }])]
  const announced = announceOnce(kad, self, rootOf(1), {})
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await announced).toEqual({ sentTo: 1, confirmed: true })
})

test('an abort ends the pause between two tries', async () => {
  kad.provideSteps = () => [response(other, 'ADD_PROVIDER')]
  const controller = new AbortController()
  const rejected = expect(announceOnce(kad, self, rootOf(1), { signal: controller.signal })).rejects.toThrow('enough')
  await vi.advanceTimersByTimeAsync(1)
  controller.abort(new TypeError('enough'))
  await rejected
})
