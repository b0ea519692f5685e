import type { StreamMessageEvent } from '@libp2p/interface'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { MAX_OLD_LINKS } from '../src/constants.ts'
import { encodePreface } from '../src/wire/preface.ts'
import { until } from './support/nodes.ts'
import { cleanUpPairs, createPair } from './support/pair.ts'

checkLeaks()
cleanUpPairs()

const random = seededRandom('udx-connection')

const endOf = async (connection: EventTarget): Promise<Error | undefined> =>
  new Promise((resolve) => {
    connection.addEventListener('close', (event) => {
      resolve('error' in event && event.error instanceof Error ? event.error : undefined)
    })
  })

test('what nobody reads is kept up to its bound, and one byte more ends the connection', async () => {
  const maxReadBufferLength = 256 * 1024
  const { connection, far } = createPair({ maxReadBufferLength })
  const end = endOf(connection)
  far.write(Buffer.alloc(maxReadBufferLength))
  // a message listener takes it all, so there is none
  connection.addEventListener('drain', () => undefined)
  connection.pause()
  await until(() => connection.readBufferLength === maxReadBufferLength)
  expect(connection.status).toBe('open')
  far.write(Buffer.alloc(1))
  expect((await end)?.name).toBe('StreamBufferError')
})

test('reads of one turn come together, in order', async () => {
  const { connection, far } = createPair()
  const received: Uint8Array[] = []
  let messages = 0
  connection.addEventListener('message', ({ data }: StreamMessageEvent) => {
    messages++
    received.push(data.subarray())
  })
  const data = random.bytes(300_000)
  far.write(data)
  await until(() => connection.bytesReceived === data.length)
  await until(() => received.reduce((sum, { length }) => sum + length, 0) === data.length)
  expect(Buffer.concat(received).equals(data)).toBe(true)
  // packets are of 1,200 bytes and more
  expect(messages).toBeLessThan(data.length / 1500)
})

test('closing waits until the other end has acknowledged all, and ended', async () => {
  const { connection, far } = createPair()
  let received = 0
  far.on('data', (bytes: Uint8Array) => {
    received += bytes.length
  })
  far.once('end', () => {
    far.end()
  })
  const total = 2 * 1024 * 1024
  connection.send(random.bytes(total))
  await connection.close()
  expect(received).toBe(total)
  expect(connection.status).toBe('closed')
  // and again has no effect
  await connection.close()
})

test('a signal ends the wait for a close, and the deadline the close itself', async () => {
  const { connection } = createPair({ closeTimeoutMs: 150 })
  const end = endOf(connection)
  // the other end never ends
  await expect(connection.close({ signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ name: 'TimeoutError' })
  expect((await end)?.name).toBe('DeadlineError')
  await connection.gone
})

test('the other end resets: a reset here, and a close that is under way says that it was cut', async () => {
  const { connection, far } = createPair()
  const end = endOf(connection)
  far.once('data', () => {
    far.destroy()
  })
  connection.send(random.bytes(1024 * 1024))
  const closing = connection.close()
  expect((await end)?.name).toBe('StreamResetError')
  await expect(closing).rejects.toMatchObject({ name: 'ConnectionCutError' })
})

test('the other end ends: so does the connection, without an error', async () => {
  const { connection, far } = createPair()
  const end = endOf(connection)
  far.end()
  far.resume()
  expect(await end).toBeUndefined()
  expect(connection.status).toBe('closed')
})

test('the other end moved: what it did not get comes on the next stream, and what both have is dropped', async () => {
  const { connection, far, another } = createPair()
  const received: Uint8Array[] = []
  connection.addEventListener('message', ({ data }: StreamMessageEvent) => {
    received.push(data.subarray())
  })
  far.resume()
  connection.send(Buffer.from('0123456789'))
  far.write(Buffer.from('abcdef'))
  await until(() => connection.bytesReceived === 6)
  const next = another(20)
  const got: Buffer[] = []
  next.far.on('data', (bytes: Buffer) => got.push(Buffer.from(bytes)))
  connection.succession.begin(next.near, 4)
  // the other end had `abcdef` acknowledged up to `d`, as far as it knows
  next.far.write(Buffer.concat([encodePreface({ received: 4, start: 4 }), Buffer.from('efghi')]))
  connection.send(Buffer.from('XYZ'))
  await until(() => Buffer.concat(got).length === 16 + 6 + 3)
  expect(Buffer.concat(got)).toEqual(
    Buffer.concat([encodePreface({ received: 6, start: 4 }), Buffer.from('456789XYZ')])
  )
  await until(() => Buffer.concat(received).length === 9)
  expect(Buffer.concat(received).toString()).toBe('abcdefghi')
  expect(connection.status).toBe('open')
})

test('so many streams that were moved away from are still heard, and the oldest of one more is not', async () => {
  const { connection, far, another } = createPair()
  far.resume()
  for (let count = 0; count < MAX_OLD_LINKS; count++) {
    const next = another(20 + 2 * count)
    next.far.resume()
    connection.succession.begin(next.near, 0)
  }
  far.write(Buffer.from('heard'))
  await until(() => connection.bytesReceived === 5)
  const last = another(90)
  last.far.resume()
  connection.succession.begin(last.near, 0)
  await until(() => far.destroyed)
  expect(connection.status).toBe('open')
})

test.each([
  ['leaves bytes out', encodePreface({ received: 0, start: 1 })],
  ['says nonsense', Buffer.alloc(16, 0xff)]
])('a next stream that %s ends the connection', async (_, preface) => {
  const { connection, another } = createPair()
  const end = endOf(connection)
  const next = another(20)
  next.far.resume()
  connection.succession.begin(next.near, 0)
  next.far.write(preface)
  expect((await end)?.name).toBe('PathLostError')
})

test.each([
  ['was never sent', 4],
  ['is not kept any more', 0]
])('asking for what %s ends the connection', async (_, offset) => {
  const { connection, far, another } = createPair()
  const end = endOf(connection)
  far.resume()
  if (offset === 0) {
    connection.send(random.bytes(600_000))
    await until(() => !connection.isSending)
    // the note of what was acknowledged comes a turn later
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const next = another(20)
  next.far.resume()
  connection.succession.begin(next.near, offset)
  expect((await end)?.name).toBe('PathLostError')
})
