import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { UdxBulkChannel } from '../../src/bulk/channel.ts'
import { WINDOW_BYTES, WRITE_HIGH_WATER_BYTES } from '../../src/bulk/constants.ts'
import { createChannels } from '../support/bulk.ts'
import { until } from '../support/nodes.ts'
import { cleanUpPairs } from '../support/pair.ts'

cleanUpPairs()

const MEBIBYTE = 1024 * 1024

async function writeAll(channel: UdxBulkChannel, data: Uint8Array, pieceBytes: number): Promise<number> {
  let done = 0
  for (let at = 0; at < data.byteLength; at += pieceBytes) {
    const piece = data.subarray(at, at + pieceBytes)
    const more = channel.write([piece.subarray(0, 16), piece.subarray(16)], () => done++)
    if (!more) {
      await channel.drained()
    }
  }
  return done
}

test('what is written arrives whole and in order, though it goes by several lanes', async () => {
  const { inviter, opener, sink } = await createChannels()
  const data = randomBytes(24 * MEBIBYTE)
  await writeAll(inviter, data, MEBIBYTE + 1)
  inviter.end()
  expect(await opener.closed).toBeUndefined()
  expect(sink.bytes).toBe(data.byteLength)
  expect(createHash('sha256').update(sink.all).digest('hex')).toBe(createHash('sha256').update(data).digest('hex'))
  expect(await inviter.closed).toBeUndefined()
})

test('who reads no more is sent no more than a window', async () => {
  const { inviter, opener, sink } = await createChannels()
  sink.takesMore = false
  const piece = randomBytes(MEBIBYTE)
  let drained = 0
  const writing = (async () => {
    for (let at = 0; at < 20; at++) {
      if (!inviter.write([piece])) {
        await inviter.drained()
        drained++
      }
    }
  })()
  await until(() => inviter.bytesSent >= WINDOW_BYTES)
  await until(() => !inviter.isSending)
  expect(inviter.bytesSent - WINDOW_BYTES).toBeLessThan(WINDOW_BYTES / 100)
  expect(inviter.queuedBytes).toBeGreaterThan(0)
  expect(inviter.queuedBytes).toBeLessThan(WRITE_HIGH_WATER_BYTES + MEBIBYTE)
  expect(drained).toBeGreaterThan(0)
  sink.takesMore = true
  opener.resume()
  await writing
  await until(() => sink.bytes === 20 * MEBIBYTE)
})

test('a lane that is lost ends the channel at both ends, with an error', async () => {
  const { inviter, opener, sink, streams } = await createChannels()
  let done = 0
  inviter.write([randomBytes(4 * MEBIBYTE)], () => done++)
  await until(() => sink.bytes > MEBIBYTE)
  streams[1]?.destroy()
  expect(await opener.closed).toBeInstanceOf(Error)
  expect(await inviter.closed).toBeInstanceOf(Error)
  expect(done).toBe(1)
  expect(inviter.write([randomBytes(1)])).toBe(false)
})
