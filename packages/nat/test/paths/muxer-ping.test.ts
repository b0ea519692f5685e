import { expect, test, vi } from 'vitest'
import { muxerPing } from '../../src/paths/muxer-ping.ts'
import { connectedNodes } from '../support/two-nodes.ts'

const { signal } = new AbortController()
const now = (): number => performance.now()

test('a muxer of another kind is not asked', () => {
  const ping = async (): Promise<number> => 1
  expect(muxerPing({}, { signal, now })).toBeUndefined()
  expect(muxerPing({ muxer: { protocol: '/mplex/6.7.0', ping } }, { signal, now })).toBeUndefined()
  expect(muxerPing({ muxer: { protocol: '/yamux/1.0.0' } }, { signal, now })).toBeUndefined()
})

test('yamux answers by itself: no stream is opened', async () => {
  const connection = await connectedNodes()
  const newStream = vi.spyOn(connection, 'newStream')
  const rttMs = await muxerPing(connection, { signal, now })
  expect(rttMs).toBeGreaterThan(0)
  expect(newStream).not.toHaveBeenCalled()
})

test('one that was given up does not end the connection when its answer comes', async () => {
  const connection = await connectedNodes()
  const given = new AbortController()
  const first = muxerPing(connection, { signal: given.signal, now })
  given.abort()
  await expect(first).rejects.toThrow(/abort/i)
  // joins the one that is on its way
  expect(await muxerPing(connection, { signal, now })).toBeGreaterThan(0)
  expect(connection.status).toBe('open')
})

test('who joins a question that was asked before hears of no round trip that is too short', async () => {
  const times = [100, 105]
  const muxer = { protocol: '/yamux/1.0.0', ping: async () => 80 }
  expect(await muxerPing({ muxer }, { signal, now: () => times.shift() ?? 0 })).toBe(80)
})

test('a clock of whole milliseconds does not make it longer', async () => {
  const times = [100, 100.4]
  const muxer = { protocol: '/yamux/1.0.0', ping: async () => 1 }
  expect(await muxerPing({ muxer }, { signal, now: () => times.shift() ?? 0 })).toBeCloseTo(0.4)
})
