import { MessageChannel } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { defaultLogger } from '@libp2p/logger'
import { multiaddr } from '@multiformats/multiaddr'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { PortConnection, WINDOW_BYTES } from '../src/port-connection.ts'

checkLeaks()

const ports: MessagePort[] = []
afterEach(() => ports.splice(0).forEach((port) => port.close()))

function channel(): [MessagePort, MessagePort] {
  const { port1, port2 } = new MessageChannel()
  ports.push(port1, port2)
  return [port1, port2]
}

function connect(port: MessagePort): PortConnection {
  const log = defaultLogger().forComponent('test')
  return new PortConnection(port, { remoteAddr: multiaddr('/memory/test'), direction: 'outbound', log })
}

function pair(): [PortConnection, PortConnection] {
  const [near, far] = channel()
  return [connect(near), connect(far)]
}

/** What arrives from now on. */
function collect(connection: PortConnection): Uint8Array[] {
  const chunks: Uint8Array[] = []
  connection.addEventListener('message', ({ data }) => chunks.push(data.slice()))
  return chunks
}

async function closeOf(connection: PortConnection): Promise<{ error?: Error; local?: boolean }> {
  return new Promise((resolve) => connection.addEventListener('close', resolve, { once: true }))
}

/** Bytes that show when one is missing, twice there or in the wrong place. */
const bytes = Uint8Array.from({ length: 4 * WINDOW_BYTES }, (_, i) => i ^ (i >> 8) ^ (i >> 16))

describe('back-pressure', () => {
  test.each([
    ['a reader that paused', (reader: PortConnection) => reader.pause(), (reader: PortConnection) => reader.resume()],
    ['a reader that has not begun to listen', () => {}, () => {}]
  ])('%s gets one window, and the rest in order when it reads', async (_, before, after) => {
    const [writer, reader] = pair()
    before(reader)
    expect(writer.send(bytes)).toBe(false)
    await vi.waitFor(() => expect(reader.readBufferLength).toBe(WINDOW_BYTES), 20_000)
    expect(writer.writeBufferLength).toBe(bytes.byteLength - WINDOW_BYTES)

    const chunks = collect(reader)
    after(reader)
    await vi.waitFor(() => expect(writer.writeBufferLength).toBe(0), 20_000)
    await writer.close()
    await vi.waitFor(() => expect(reader.status).toBe('closed'), 20_000)
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
  })

  test('both sides can wait for each other', async () => {
    const [left, right] = pair()
    left.send(bytes)
    right.send(bytes)
    const [toLeft, toRight] = [collect(left), collect(right)]
    await vi.waitFor(() => {
      expect(Buffer.concat(toLeft).equals(bytes)).toBe(true)
      expect(Buffer.concat(toRight).equals(bytes)).toBe(true)
    }, 20_000)
  })
})

test('what travels is a copy of what was sent, and nothing else of its buffer', async () => {
  const [near, far] = channel()
  const message = new Promise<Uint8Array>((resolve) => far.once('message', resolve))
  const view = bytes.subarray(10, 20)
  connect(near).send(view)
  const { buffer } = await message
  expect(new Uint8Array(buffer)).toEqual(bytes.slice(10, 20))
  expect(view).toEqual(bytes.slice(10, 20))
})

describe('the end', () => {
  test('closing delivers what was sent, and the other side sees a clean end', async () => {
    const [writer, reader] = pair()
    const chunks = collect(reader)
    const closed = closeOf(reader)
    writer.send(bytes)
    await writer.close()
    expect((await closed).error).toBeUndefined()
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
  })

  test('aborting shows as a reset on the other side', async () => {
    const [writer, reader] = pair()
    const closed = closeOf(reader)
    writer.fail('not an error')
    expect(writer.status).toBe('aborted')
    expect(await closed).toMatchObject({ error: { name: 'StreamResetError' }, local: false })
  })

  test('closing is given up at its signal when the other side does not read', async () => {
    const [writer, reader] = pair()
    reader.pause()
    writer.send(bytes)
    const signal = AbortSignal.abort()
    await expect(writer.close({ signal })).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('an end that vanishes closes the other one', async () => {
    const [near, far] = channel()
    const connection = connect(near)
    const closed = closeOf(connection)
    far.close()
    expect((await closed).error).toBeUndefined()
  })
})

describe('what a stranger posts', () => {
  test('a whole window is accepted, and given back as credit once it is read', async () => {
    const [near, far] = channel()
    const chunks = collect(connect(near))
    const credit = new Promise((resolve) => far.once('message', resolve))
    far.postMessage(bytes.slice(0, WINDOW_BYTES))
    expect(await credit).toBe(WINDOW_BYTES)
    expect(Buffer.concat(chunks).byteLength).toBe(WINDOW_BYTES)
  })

  test.each([
    ['a byte more than the window', bytes.slice(0, WINDOW_BYTES + 1)],
    ['credit for what was not sent', 1],
    ['credit below zero', -1],
    ['credit in fractions', 0.5],
    ['an unknown word', 'hello'],
    ['nothing', null],
    ['another kind of object', { type: 'reset' }]
  ])('%s ends the connection', async (_, message) => {
    const [near, far] = channel()
    const connection = connect(near)
    const closed = closeOf(connection)
    far.postMessage(message)
    expect(await closed).toMatchObject({ error: { name: 'ProtocolError' }, local: true })
  })
})
