import type { DatagramAddress } from '@p2pshare/interface'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { INIT_RETRY_MS, MAX_INIT_RETRY_MS, MAX_PENDING_DIALS, MAX_RETRIES_OF_ONE_DIAL } from '../../src/constants.ts'
import { Dials } from '../../src/handshake/dials.ts'
import type { UdpSocket } from '../../src/udp-socket.ts'
import { decodeHandshake } from '../../src/wire/handshake.ts'
import type { Init } from '../../src/wire/handshake.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const remote: DatagramAddress = { host: '192.0.2.1', port: 7 }

/** A dial, and what it sent. */
function dial(dials = new Dials()): {
  dials: Dials
  asked: Promise<number>
  sent: Init[]
  socket: UdpSocket
  controller: AbortController
} {
  const sent: Init[] = []
  const socket = {
    send: (bytes: Uint8Array) => {
      const message = decodeHandshake(bytes)
      if (message?.type === 'init') {
        sent.push(message)
      }
    }
  } as unknown as UdpSocket
  const controller = new AbortController()
  const asked = dials.ask({
    socket,
    remote,
    localId: 5,
    retryMs: INIT_RETRY_MS,
    timeoutMs: 60_000,
    signal: controller.signal
  })
  asked.catch(() => undefined)
  return { dials, asked, sent, socket, controller }
}

const nonceOf = (sent: Init[]): Uint8Array => sent[0]?.nonce ?? new Uint8Array(16)

test('a question is repeated ever more slowly, and is the same each time', async () => {
  const { sent, asked } = dial()
  const at: number[] = []
  const begin = Date.now()
  let seen = 0
  for (let ms = 0; ms < 60_000; ms += 10) {
    if (sent.length > seen) {
      seen = sent.length
      at.push(Date.now() - begin)
    }
    await vi.advanceTimersByTimeAsync(10)
  }
  const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0))
  expect(waits.slice(0, 3)).toEqual([200, 300, 450])
  expect(Math.max(...waits)).toBe(MAX_INIT_RETRY_MS)
  expect(new Set(sent.map(({ nonce }) => Buffer.from(nonce).toString('hex'))).size).toBe(1)
  await expect(asked).rejects.toMatchObject({ name: 'DeadlineError' })
})

test('an answer ends it, from the right place alone', async () => {
  const { dials, asked, sent, socket } = dial()
  const accept = { type: 'accept', nonce: nonceOf(sent), id: 9 } as const
  dials.onAnswer({ ...accept, id: 1 }, { ...remote, port: 8 }, socket)
  dials.onAnswer({ ...accept, id: 2 }, remote, {} as UdpSocket)
  dials.onAnswer({ ...accept, id: 3, nonce: Buffer.alloc(16) }, remote, socket)
  dials.onAnswer(accept, remote, socket)
  expect(await asked).toBe(9)
  expect(dials.size).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('a refusal and an abort end it too, and leave nothing behind', async () => {
  const { dials, asked, sent, socket } = dial()
  dials.onAnswer({ type: 'reject', nonce: nonceOf(sent) }, remote, socket)
  await expect(asked).rejects.toMatchObject({ code: 'ERR_DIAL_REJECTED' })
  const other = dial(dials)
  other.controller.abort()
  await expect(other.asked).rejects.toMatchObject({ name: 'AbortError' })
  expect(dials.size).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('so many cookies are taken, each once, and not one more', () => {
  const { dials, sent, socket } = dial()
  const retry = (byte: number): void => {
    dials.onAnswer({ type: 'retry', nonce: nonceOf(sent), cookie: Buffer.alloc(16, byte) }, remote, socket)
  }
  for (let count = 1; count <= MAX_RETRIES_OF_ONE_DIAL; count++) {
    retry(count)
    retry(count)
  }
  expect(sent).toHaveLength(1 + MAX_RETRIES_OF_ONE_DIAL)
  retry(99)
  expect(sent).toHaveLength(1 + MAX_RETRIES_OF_ONE_DIAL)
  expect(sent.at(-1)?.cookie).toEqual(Buffer.alloc(16, MAX_RETRIES_OF_ONE_DIAL))
})

test('so many dials can wait, and not one more', async () => {
  const dials = new Dials()
  const waiting = Array.from({ length: MAX_PENDING_DIALS }, () => dial(dials))
  await expect(dial(dials).asked).rejects.toMatchObject({ code: 'ERR_TOO_MANY_DIALS' })
  waiting[0]?.controller.abort()
  await expect(waiting[0]?.asked).rejects.toThrow()
  const { asked, controller } = dial(dials)
  controller.abort()
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  waiting.forEach((each) => {
    each.controller.abort()
  })
  await Promise.allSettled(waiting.map((each) => each.asked))
  expect(vi.getTimerCount()).toBe(0)
})
