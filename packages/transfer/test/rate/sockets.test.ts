import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { NodeLimits } from '../../src/rate/rate-limits.ts'
import { burstBytesOf } from '../../src/rate/token-bucket.ts'
import { atCap, worstExcess } from '../support/seen-bytes.ts'
import type { Seen } from '../support/seen-bytes.ts'

const FRAME_BYTES = 64 * 1024

const cleanups: Array<() => void> = []

afterEach(() => {
  cleanups.splice(0).forEach((cleanup) => {
    cleanup()
  })
})

/** A socket pair on loopback, with what the receiving end saw. */
async function sockets() {
  const received: Seen[] = []
  const server = createServer((socket) => {
    socket.on('data', (chunk) => received.push({ at: performance.now(), bytes: chunk.byteLength }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  cleanups.push(() => {
    socket.destroy()
    server.close()
  })
  return { socket, received }
}

test('what leaves through a socket in any second seen is at most the cap and a burst, while the cap changes', async () => {
  const { socket, received } = await sockets()
  const limits = new NodeLimits({ uploadBytesPerSecond: 8_000_000 })
  const eras = [{ from: -Infinity, cap: 8_000_000 }]
  const sent: Seen[] = []
  const frame = new Uint8Array(FRAME_BYTES)
  for (const cap of [3_000_000, 20_000_000, 5_000_000]) {
    for (let frames = 0; frames < 24; frames++) {
      await limits.limiter.send({ share: 's', peer: 'p' }, FRAME_BYTES)
      sent.push({ at: performance.now(), bytes: FRAME_BYTES })
      if (!socket.write(frame)) {
        await once(socket, 'drain')
      }
    }
    limits.setNode({ uploadBytesPerSecond: cap })
    eras.push({ from: performance.now(), cap })
  }
  const capAt = (from: number, to: number): number =>
    eras.reduce((sum, { from: start, cap }, index) => {
      const end = eras[index + 1]?.from ?? Infinity
      return sum + (cap * Math.max(0, Math.min(to, end) - Math.max(from, start))) / 1000
    }, 0)
  const burst = burstBytesOf(20_000_000)
  expect(worstExcess(sent, capAt)).toBeLessThanOrEqual(burst)
  // what one read finds may have been sent before the window began: at most what was on the way
  expect(worstExcess(received, capAt)).toBeLessThanOrEqual(2 * burst)
})

test('three senders under one cap do not pass it together', async () => {
  const cap = 10_000_000
  const limits = new NodeLimits({ uploadBytesPerSecond: cap })
  const sent: Seen[] = []
  await Promise.all(
    ['a', 'b', 'c'].map(async (share) => {
      const { socket } = await sockets()
      for (let frames = 0; frames < 20; frames++) {
        await limits.limiter.send({ share, peer: 'p' }, FRAME_BYTES)
        sent.push({ at: performance.now(), bytes: FRAME_BYTES })
        socket.write(new Uint8Array(FRAME_BYTES))
      }
    })
  )
  sent.sort((a, b) => a.at - b.at)
  expect(worstExcess(sent, atCap(cap))).toBeLessThanOrEqual(burstBytesOf(cap))
})

test('a reader that pauses as it is told takes at most the cap and a burst in any second seen', async () => {
  const cap = 6_000_000
  const { limiter } = new NodeLimits({ downloadBytesPerSecond: cap })
  const intake = limiter.intake({ share: 's', peer: 'p' })
  const seen: Seen[] = []
  const total = 3 * 1024 * 1024
  const server = createServer((socket) => {
    socket.end(new Uint8Array(total))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  cleanups.push(() => {
    socket.destroy()
    server.close()
  })
  socket.on('data', (chunk) => {
    seen.push({ at: performance.now(), bytes: chunk.byteLength })
    const ms = intake.took(chunk.byteLength)
    if (ms > 0) {
      socket.pause()
      setTimeout(() => socket.resume(), ms)
    }
  })
  await once(socket, 'end')
  expect(seen.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(total)
  expect(worstExcess(seen, atCap(cap))).toBeLessThanOrEqual(burstBytesOf(cap))
})
