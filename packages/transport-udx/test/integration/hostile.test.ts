import type { Socket } from 'node:dgram'
import type { Libp2p } from '@libp2p/interface'
import { seededRandom } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { afterEach, expect, test } from 'vitest'
import type { UdxInit } from '../../src/index.ts'
import { ANSWER_BYTES, INIT_BYTES, decodeHandshake, encodeHandshake } from '../../src/wire/handshake.ts'
import type { Handshake } from '../../src/wire/handshake.ts'
import { MAGIC } from '../../src/wire/magic.ts'
import { bindSocket, cleanUpDatagrams } from '../support/datagrams.ts'
import { addressOf, cleanUpNodes, createNode, createPair, echoed, portOf, until } from '../support/nodes.ts'

checkLeaks()
cleanUpNodes()
cleanUpDatagrams()

const random = seededRandom('udx-hostile')

let victim: Libp2p
let port: number
async function victimWith(init: UdxInit = {}): Promise<void> {
  victim = await createNode(init)
  port = portOf(victim)
}

/** Whatever was done to it, it serves honest peers as before. */
afterEach(async () => {
  const honest = await createNode()
  const connection = await honest.dial(victim.getMultiaddrs())
  const data = random.bytes(100_000)
  expect((await echoed(connection, data)).equals(data)).toBe(true)
})

const init = (cookie?: Uint8Array, id = 1 + random.int(1_000_000)): Handshake & { type: 'init' } => ({
  type: 'init',
  nonce: random.bytes(16),
  id,
  cookie
})

function listen(socket: Socket): Buffer[] {
  const got: Buffer[] = []
  socket.on('message', (bytes) => got.push(bytes))
  return got
}

test('garbage of every length and beginning gets no answer and does no harm', async () => {
  await victimWith()
  const socket = await bindSocket()
  const got = listen(socket)
  const valid = encodeHandshake(init())
  for (let round = 0; round < 400; round++) {
    const tail = random.bytes(random.int(1400))
    const heads = [
      [],
      [0xff],
      [0xff, 0x01],
      [...MAGIC],
      [...MAGIC, random.int(256)],
      [...valid.subarray(0, random.int(60))]
    ]
    socket.send(Buffer.concat([Buffer.from(heads[round % heads.length] ?? []), tail]), port, '127.0.0.1')
    if (round % 20 === 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  socket.send(Buffer.alloc(0), port, '127.0.0.1')
  const asked = init()
  socket.send(encodeHandshake(asked), port, '127.0.0.1')
  await until(() => got.length > 0)
  expect(got).toHaveLength(1)
  expect(decodeHandshake(got[0] ?? Buffer.alloc(0))).toMatchObject({ type: 'accept' })
})

test('a made-up address is sent less than was sent in its name', async () => {
  await victimWith({ halfOpenTimeoutMs: 100 })
  const socket = await bindSocket()
  const got = listen(socket)
  const questions = 5
  for (let count = 0; count < questions; count++) {
    socket.send(encodeHandshake(init()), port, '127.0.0.1')
  }
  // the answers, and the ends of streams on which nothing came
  await until(() => got.length >= 2 * questions)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const header = 28
  expect(got.every(({ length }) => length <= ANSWER_BYTES)).toBe(true)
  expect(got.reduce((sum, { length }) => sum + length + header, 0)).toBeLessThanOrEqual(
    questions * (INIT_BYTES + header)
  )
  expect(victim.getConnections()).toEqual([])
})

test('in a flood an honest peer gets in, with a cookie', async () => {
  await victimWith({ cookieAbove: 4, halfOpenTimeoutMs: 1000 })
  const socket = await bindSocket()
  const got = listen(socket)
  for (let count = 0; count < 100; count++) {
    socket.send(encodeHandshake(init()), port, '127.0.0.1')
  }
  await until(() => got.some((bytes) => decodeHandshake(bytes)?.type === 'retry'))
  const types = got.map((bytes) => decodeHandshake(bytes)?.type)
  expect(types.filter((type) => type === 'accept').length).toBeLessThanOrEqual(4)
  const honest = await createNode()
  expect((await honest.dial(victim.getMultiaddrs())).status).toBe('open')
})

test('a dial comes through when everybody needs a cookie', async () => {
  await victimWith({ cookieAbove: 0 })
})

test('one more connection than there may be is refused at once', async () => {
  await victimWith({ maxConnections: 2 })
  const dialers = await Promise.all(Array.from({ length: 3 }, async () => createNode()))
  const [first, second, third] = dialers
  const connections = [await first?.dial(victim.getMultiaddrs()), await second?.dial(victim.getMultiaddrs())]
  await until(() => victim.getConnections().length === 2)
  await expect(third?.dial(victim.getMultiaddrs())).rejects.toThrow(/no more connections/)
  await connections[0]?.close()
  await until(() => victim.getConnections().length === 1)
})

test('who answers in the name of another address is not heard', async () => {
  await victimWith()
  const silent = await bindSocket()
  const liar = await bindSocket()
  silent.on('message', (bytes, from) => {
    const asked = decodeHandshake(bytes)
    if (asked?.type === 'init') {
      liar.send(encodeHandshake({ type: 'accept', nonce: asked.nonce, id: 7 }), from.port, from.address)
      liar.send(encodeHandshake({ type: 'reject', nonce: asked.nonce }), from.port, from.address)
      silent.send(encodeHandshake({ type: 'accept', nonce: random.bytes(16), id: 7 }), from.port, from.address)
    }
  })
  const dialling = victim.dial(addressOf(silent.address().port), { signal: AbortSignal.timeout(300) })
  await expect(dialling).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('who always demands another cookie does not keep a dialler busy', async () => {
  await victimWith()
  const socket = await bindSocket()
  let asked = 0
  socket.on('message', (bytes, from) => {
    const question = decodeHandshake(bytes)
    if (question?.type === 'init') {
      asked++
      socket.send(
        encodeHandshake({ type: 'retry', nonce: question.nonce, cookie: random.bytes(16) }),
        from.port,
        from.address
      )
    }
  })
  await expect(victim.dial(addressOf(socket.address().port), { signal: AbortSignal.timeout(300) })).rejects.toThrow()
  // one, three with cookies, and those that are sent again
  expect(asked).toBeLessThanOrEqual(8)
})

test('a handler of datagrams that throws does not end the node, and a handler that is taken off is not asked', async () => {
  const { node, endpoint } = await createPair()
  victim = node
  const [listening] = endpoint.sockets()
  const socket = await bindSocket()
  const seen: string[] = []
  const stop = listening?.handle((bytes, from) => {
    seen.push(`${from.port}:${Buffer.from(bytes).toString()}`)
    throw new RangeError('a bad handler')
  })
  socket.send('first', portOf(node), '127.0.0.1')
  await until(() => seen.length === 1)
  stop?.()
  const rest: string[] = []
  listening?.handle(() => false)
  listening?.handle((bytes) => rest.push(Buffer.from(bytes).toString()) > 0)
  socket.send('second', portOf(node), '127.0.0.1')
  await until(() => rest.length === 1)
  expect(seen).toEqual([`${socket.address().port}:first`])
  const got = listen(socket)
  listening?.send(Buffer.from('back'), { host: '127.0.0.1', port: socket.address().port })
  // none of these goes anywhere
  listening?.send(Buffer.from('no'), { host: '::1', port: 9 })
  listening?.send(Buffer.from('no'), { host: 'example', port: 9 })
  listening?.send(Buffer.from('no'), { host: '127.0.0.1', port: 0 })
  await until(() => got.length === 1)
  expect(got[0]?.toString()).toBe('back')
})
