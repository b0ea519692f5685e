import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { StreamCloseEvent } from '@libp2p/interface'
import { seededRandom } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { Uint8ArrayList } from 'uint8arraylist'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { TcpConnection } from '../src/connection.ts'
import { CLOSE_LINGER_MS } from '../src/constants.ts'
import { cleanUpSockets, connectionPair, happened, readAll, until } from './support/sockets.ts'

checkLeaks()
cleanUpSockets()
afterEach(() => void vi.useRealTimers())

const random = seededRandom('tcp connection')
const MEBIBYTE = 1024 * 1024

const ended = async (connection: TcpConnection): Promise<StreamCloseEvent> => happened(connection, 'close')

/** Reads nothing, so that the sender's buffers fill up. */
function fill(connection: TcpConnection): number {
  let sent = 0
  while (connection.send(new Uint8Array(MEBIBYTE))) {
    sent += MEBIBYTE
  }
  return sent + MEBIBYTE
}

describe('sending', () => {
  test('the parts of a list go out in one write, and none is copied', async () => {
    const { connection, near, far } = await connectionPair()
    const writev = vi.spyOn(near as Socket & { _writev(chunks: Buffer[]): void }, '_writev')
    const parts = [random.bytes(2), random.bytes(65_519), random.bytes(16)]
    connection.send(new Uint8ArrayList(...parts))
    expect(writev).toHaveBeenCalledTimes(1)
    const written = writev.mock.calls[0]?.[0].map(({ buffer }) => buffer)
    expect(written).toEqual(parts.map(({ buffer }) => buffer))
    const received = readAll(far)
    await connection.close()
    expect(await received).toEqual(Buffer.concat(parts))
  })

  test('says that more can be sent while the system takes it, and when to go on when it does not', async () => {
    const { connection, far } = await connectionPair()
    expect(connection.send(new Uint8Array(64))).toBe(true)
    const sent = 64 + fill(connection)
    expect(connection.writableNeedsDrain).toBe(true)
    const drained = happened(connection, 'drain')
    let received = 0
    far.on('data', (bytes) => (received += bytes.length))
    await drained
    await connection.close()
    expect(received).toBe(sent)
  })

  test('throws after the end', async () => {
    const { connection } = await connectionPair()
    await connection.close()
    expect(() => connection.send(new Uint8Array(1))).toThrow(expect.objectContaining({ name: 'StreamStateError' }))
  })
})

describe('receiving', () => {
  test('a paused connection leaves bytes with the sender, and loses none', async () => {
    const { connection, far } = await connectionPair()
    connection.pause()
    const data = random.bytes(8 * MEBIBYTE)
    const written = once(far, 'finish')
    far.end(data)
    let received = 0
    connection.addEventListener('message', ({ data: bytes }) => (received += bytes.byteLength))
    await until(() => far.writableLength > 0)
    expect(received).toBe(0)
    connection.resume()
    await written
    await ended(connection)
    expect(received).toBe(data.length)
  })

  test('the end of the other side ends the connection, without an error', async () => {
    const { connection, far } = await connectionPair()
    far.end()
    const { error } = await ended(connection)
    expect(error).toBeUndefined()
    expect(connection.status).toBe('closed')
    expect(connection.timeline.close).toBeDefined()
  })

  test('a reset of the other side is a reset', async () => {
    const { connection, far } = await connectionPair()
    far.resetAndDestroy()
    const { error } = await ended(connection)
    expect(error?.name).toBe('StreamResetError')
    expect(connection.status).toBe('reset')
  })
})

describe('closing', () => {
  test('delivers what was sent before, however much', async () => {
    const { connection, far } = await connectionPair()
    const data = random.bytes(16 * MEBIBYTE)
    for (let at = 0; at < data.length; at += MEBIBYTE) {
      connection.send(data.subarray(at, at + MEBIBYTE))
    }
    const received = readAll(far)
    await connection.close()
    expect((await received).equals(data)).toBe(true)
    expect(connection.status).toBe('closed')
  })

  test('delivers also to a side that goes on sending, which the system would otherwise cut off', async () => {
    const { connection, near, far } = await connectionPair()
    connection.pause()
    far.write(new Uint8Array(4 * MEBIBYTE))
    const data = random.bytes(4 * MEBIBYTE)
    connection.send(data)
    const closing = connection.close()
    const received = await readAll(far)
    await closing
    expect(received.equals(data)).toBe(true)
    expect(near.destroyed).toBe(true)
  })

  test('what arrives meanwhile is read away: who is told of it answers, and cannot', async () => {
    const { connection, far } = await connectionPair()
    const handedOn = vi.fn()
    connection.addEventListener('message', handedOn)
    far.on('end', () => far.end('an answer'))
    far.write('a question')
    const closing = connection.close()
    await readAll(far)
    await closing
    expect(handedOn).not.toHaveBeenCalled()
  })

  test('does not wait for the end of the other side for ever', async () => {
    const { connection, near, far } = await connectionPair()
    // half open: it reads, and never ends
    far.allowHalfOpen = true
    far.resume()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const closing = connection.close()
    await once(far, 'end')
    await vi.advanceTimersByTimeAsync(CLOSE_LINGER_MS)
    await closing
    expect(near.destroyed).toBe(true)
  })

  test('a side that takes nothing is cut off after closeTimeoutMs', async () => {
    const { connection, near } = await connectionPair({ closeTimeoutMs: 20 })
    fill(connection)
    await expect(connection.close()).rejects.toMatchObject({ name: 'ConnectionCutError' })
    expect(connection.status).toBe('aborted')
    expect(near.destroyed).toBe(true)
  })

  test('rejects when the signal is aborted, and goes on to its end by itself', async () => {
    const { connection, far } = await connectionPair()
    fill(connection)
    const controller = new AbortController()
    const closing = connection.close({ signal: controller.signal })
    controller.abort()
    await expect(closing).rejects.toThrow()
    // what is left goes on by itself
    expect(connection.status).toBe('closing')
    far.resume()
    await ended(connection)
    expect(connection.status).toBe('closed')
  })

  test('says so when the other side throws away what was still to be sent', async () => {
    const { connection, far } = await connectionPair()
    fill(connection)
    const closing = connection.close()
    far.resetAndDestroy()
    await expect(closing).rejects.toMatchObject({ name: 'ConnectionCutError', code: 'ERR_CONNECTION_CUT' })
  })

  test('twice is once', async () => {
    const { connection, far } = await connectionPair()
    far.resume()
    await Promise.all([connection.close(), connection.close()])
    await connection.close()
    expect(connection.status).toBe('closed')
  })
})

describe('aborting', () => {
  test('resets the socket', async () => {
    const { connection, far } = await connectionPair()
    const failed = once(far.resume(), 'error').catch((error: unknown) => error)
    const end = ended(connection)
    connection.abort(new TypeError('no more'))
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
    expect(await end).toMatchObject({ local: true, error: { message: 'no more' } })
  })

  test('while closing, ends it at once', async () => {
    const { connection, near } = await connectionPair()
    fill(connection)
    const closing = connection.close().catch((error: unknown) => error)
    connection.abort(new TypeError('no more'))
    expect(await closing).toMatchObject({ name: 'ConnectionCutError' })
    expect(near.destroyed).toBe(true)
  })
})

test('a connection over which nothing goes is given up after inactivityTimeoutMs', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { connection } = await connectionPair({ inactivityTimeoutMs: 10 })
  const { error } = await ended(connection)
  expect(error).toMatchObject({ name: 'DeadlineError', afterMs: 10 })
})
