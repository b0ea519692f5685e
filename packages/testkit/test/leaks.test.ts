import { EventEmitter } from 'node:events'
import { createServer } from 'node:net'
import { setInterval as setIntervalOfNode } from 'node:timers'
import { TypedEventEmitter } from '@libp2p/interface'
import { describe, expect, test } from 'vitest'
import { sleep, systemClock } from '../src/clock.ts'
import { detectLeaks } from '../src/leaks.ts'
import { createTestnet } from '../src/testnet.ts'
import { settle } from './helpers/reading.ts'

describe('detectLeaks', () => {
  test('finds nothing where nothing is left', async () => {
    const leaks = detectLeaks()
    expect(leaks.check()).toEqual([])
    await leaks.assertNone()
  })

  test('finds a planted timer and says where it was set', async () => {
    const leaks = detectLeaks()
    const timer = setTimeout(() => undefined, 1_000_000)
    expect(leaks.check()).toEqual([expect.stringMatching(/^1 × timer set at .*leaks\.test\.ts:\d+/)])
    await expect(leaks.assertNone({ settleMs: 5 })).rejects.toMatchObject({
      code: 'ERR_LEAK',
      leaks: [expect.stringContaining('timer set at')],
      message: expect.stringContaining('leaks.test.ts') as string
    })
    clearTimeout(timer)
  })

  test('finds an interval, also one set through an import, and counts those of one place together', async () => {
    const leaks = detectLeaks()
    const timers = [1, 2].map(() => setIntervalOfNode(() => undefined, 1_000_000))
    expect(leaks.check()).toEqual([expect.stringMatching(/^2 × timer set at .*leaks\.test\.ts/)])
    timers.forEach(clearInterval)
    await leaks.assertNone()
  })

  test('is content with timers that were cleared, that fired, that do not keep the process alive, or that it was told of', async () => {
    const leaks = detectLeaks({ ignoreTimers: [/planted/] })
    clearTimeout(setTimeout(() => undefined, 1_000_000))
    const unref = setTimeout(() => undefined, 1_000_000).unref()
    const planted = () => setTimeout(() => undefined, 1_000_000)
    const ignored = planted()
    await sleep(systemClock, 1)
    await leaks.assertNone()
    clearTimeout(unref)
    clearTimeout(ignored)
  })

  test('a timer that was set before does not count', () => {
    const timer = setTimeout(() => undefined, 1_000_000)
    const leaks = detectLeaks()
    expect(leaks.check()).toEqual([])
    clearTimeout(timer)
    leaks.stop()
  })

  test('finds a planted socket, unless told not to look for sockets', async () => {
    const [leaks, blind] = [detectLeaks(), detectLeaks({ ignoreResources: ['TCPServerWrap', 'TCPSocketWrap'] })]
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    expect(leaks.check()).toEqual([expect.stringMatching(/^1 × process resource TCP/)])
    expect(blind.check()).toEqual([])
    server.close()
    await leaks.assertNone()
    blind.stop()
  })

  test('finds connections and streams of nodes, with their protocol', async () => {
    await using net = await createTestnet({ nodes: 2, seed: 'leaks' })
    await net.node(1).handle('/kept/1.0.0', () => undefined)
    const [a, b] = net.nodes.map(({ peerId }) => peerId.toString().slice(-8))
    const leaks = detectLeaks({ nodes: () => net.nodes, ignoreResources: ['Timeout', 'Immediate'] })
    const connection = await net.connect(0, 1)
    const stream = await connection.newStream('/kept/1.0.0')
    await settle()
    expect(leaks.check()).toEqual([
      `1 × node …${a}: outbound connection with …${b}`,
      `1 × node …${a}: outbound stream /kept/1.0.0 with …${b}`,
      `1 × node …${b}: inbound connection with …${a}`,
      `1 × node …${b}: inbound stream /kept/1.0.0 with …${a}`
    ])
    stream.abort(new RangeError('done'))
    await net.disconnect(0, 1)
    await leaks.assertNone()
  })

  test('finds a listener that was left on a signal, an emitter of libp2p or one of Node', async () => {
    const { signal } = new AbortController()
    const typed = new TypedEventEmitter()
    const emitter = new EventEmitter()
    const leaks = detectLeaks({
      listeners: [
        { name: 'the signal', target: signal, types: ['abort'] },
        { name: 'typed', target: typed, types: ['a', 'b'] },
        { name: 'emitter', target: emitter, types: ['a'] }
      ]
    })
    const listener = () => undefined
    signal.addEventListener('abort', listener)
    typed.addEventListener('b', listener)
    emitter.on('a', listener)
    expect(leaks.check()).toEqual([
      "1 × listener of 'abort' on the signal",
      "1 × listener of 'b' on typed",
      "1 × listener of 'a' on emitter"
    ])
    signal.removeEventListener('abort', listener)
    typed.removeEventListener('b', listener)
    emitter.off('a', listener)
    await leaks.assertNone()
  })

  test('waits for what is about to go away', async () => {
    const leaks = detectLeaks()
    setTimeout(() => undefined, 15)
    expect(leaks.check()).toHaveLength(1)
    await leaks.assertNone()
  })

  test('a testnet leaves nothing behind', async () => {
    const leaks = detectLeaks()
    const net = await createTestnet({ nodes: 3, seed: 'leaks', topology: 'full' })
    await net.stop()
    await leaks.assertNone()
  })
})
