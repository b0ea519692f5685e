import type { Connection, PeerId } from '@libp2p/interface'
import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import type { LocalPortDialOptions } from '@p2pshare/interface'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { Clock } from '../../src/punch/clock.ts'
import { systemClock } from '../../src/punch/clock.ts'
import { MAX_TCP_DIALS, TCP_RETRY_MS } from '../../src/punch/constants.ts'
import { tcpOpen } from '../../src/punch/run/tcp-open.ts'

const CONNECTION = { id: 'direct' } as Connection
const NEVER = new AbortController().signal
let peer: PeerId

afterEach(() => {
  vi.restoreAllMocks()
})

beforeAll(async () => {
  peer = await seededPeerId(seededRandom(1))
})

/** A dialler that is refused some times, and what it was asked. */
function refused(times: number) {
  const asked: { localPort: number; address: string; initiator: boolean | undefined }[] = []
  const slept: number[] = []
  const clock: Clock = {
    ...systemClock,
    sleep: async (ms, signal) => {
      signal.throwIfAborted()
      slept.push(ms)
    }
  }
  const dialFrom = async (
    localPort: number,
    address: { toString(): string },
    { initiator, signal }: LocalPortDialOptions
  ) => {
    signal.throwIfAborted()
    asked.push({ localPort, address: address.toString(), initiator })
    if (asked.length <= times) {
      throw new Error('ECONNREFUSED')
    }
    return CONNECTION
  }
  const context = {
    dialer: { dialFrom },
    localPort: 50_001,
    target: { host: '5.5.2.1', port: 7 },
    clock,
    go: Promise.resolve()
  }
  return { asked, slept, context }
}

test('refused dials are repeated from the same port until one is answered', async () => {
  const { asked, slept, context } = refused(3)
  expect(await tcpOpen({ ...context, peer, initiator: false, signal: NEVER })).toBe(CONNECTION)
  expect(asked).toHaveLength(4)
  expect(asked[3]).toEqual({
    localPort: 50_001,
    address: `/ip4/5.5.2.1/tcp/7/p2p/${peer.toString()}`,
    initiator: false
  })
  expect(slept).toEqual([TCP_RETRY_MS, TCP_RETRY_MS, TCP_RETRY_MS])
})

test('as many dials as the limit are made, and not one more', async () => {
  const enough = refused(MAX_TCP_DIALS - 1)
  expect(await tcpOpen({ ...enough.context, peer, initiator: true, signal: NEVER })).toBe(CONNECTION)
  const { asked, context } = refused(MAX_TCP_DIALS)
  await expect(tcpOpen({ ...context, peer, initiator: true, signal: NEVER })).rejects.toMatchObject({
    code: 'ERR_STRATEGY_FAILED',
    cause: { message: 'ECONNREFUSED' }
  })
  expect(asked).toHaveLength(MAX_TCP_DIALS)
})

test('a dial that is cut when the time is over is not given as the reason', async () => {
  const time = new AbortController()
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(time.signal)
  const { context } = refused(0)
  const dialFrom = async (_port: number, _to: unknown, { signal }: LocalPortDialOptions): Promise<Connection> => {
    time.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
    throw signal.reason as Error
  }
  const work = tcpOpen({ ...context, dialer: { dialFrom }, peer, initiator: true, signal: NEVER })
  await expect(work).rejects.toMatchObject({ message: 'no connection in 4 s', cause: undefined })
})

test('nobody dials before the moment that was agreed on, or after it was given up', async () => {
  const { asked, context } = refused(0)
  const { promise, resolve } = Promise.withResolvers<void>()
  const abort = new AbortController()
  const work = tcpOpen({ ...context, go: promise, peer, initiator: true, signal: abort.signal })
  expect(asked).toEqual([])
  abort.abort(new Error('another way was faster'))
  resolve()
  await expect(work).rejects.toThrow('another way was faster')
  expect(asked).toEqual([])
})
