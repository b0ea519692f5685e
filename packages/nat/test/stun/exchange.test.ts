import { once } from 'node:events'
import { createSocket } from 'node:dgram'
import { afterEach, expect, test } from 'vitest'
import { rfcSchedule, StunClient } from '../../src/stun/client.ts'
import { MAX_OPEN_QUESTIONS, MAX_SENDS } from '../../src/stun/constants.ts'
import { bindDgram } from '../../src/stun/dgram-socket.ts'
import { StunServer } from '../../src/stun/server.ts'
import type { DatagramSocket } from '@p2pshare/interface'

const opened: DatagramSocket[] = []
// the guard is that of the test: a time that began with the file would end while later tests still run
const { signal } = new AbortController()

const open = async (host = '127.0.0.1', port = 0): Promise<DatagramSocket> => {
  const socket = await bindDgram(4, { host, port })
  opened.push(socket)
  return socket
}

afterEach(() => {
  opened.splice(0).forEach((socket) => socket.close())
})

test('a client learns from where it asks, and an answer comes from where it wants it', async () => {
  const server = new StunServer({ primary: await open(), otherPort: await open() })
  server.start()
  const socket = await open()
  const client = new StunClient(socket)
  const to = { host: '127.0.0.1', port: server.endpoints.port }
  const plain = await client.ask(to, { signal })
  expect(plain.message.mapped).toEqual(socket.local)
  expect(plain.from).toEqual(to)
  const changed = await client.ask(to, { signal, change: { ip: false, port: true } })
  expect(changed.from.port).toBe(server.endpoints.otherPort)
  const refused = await client.ask(to, { signal, change: { ip: true, port: false } })
  expect(refused.message.failure?.code).toBe(420)
  expect(server.stats).toEqual({ answered: 3, dropped: 0 })
  expect(client.pending).toBe(0)
})

test('one socket serves and asks at the same time', async () => {
  const [one, two] = [await open(), await open()]
  const servers = [one, two].map((primary) => new StunServer({ primary }))
  servers.forEach((server) => server.start())
  const [first, second] = await Promise.all([
    new StunClient(one).ask(two.local, { signal }),
    new StunClient(two).ask(one.local, { signal })
  ])
  expect([first.message.mapped, second.message.mapped]).toEqual([one.local, two.local])
})

test('an answer that came while the process was held up counts, however late it is looked at', async () => {
  const socket = await open()
  const server = new StunServer({ primary: socket })
  const hold = (): void => {
    const until = performance.now() + 100
    while (performance.now() < until);
  }
  // after the answer went out, and before the client's socket is looked at
  socket.handle(() => {
    setImmediate(hold)
    return false
  })
  server.start()
  const schedule = { sendAtMs: [0], giveUpAtMs: 50 }
  const { message } = await new StunClient(await open()).ask(socket.local, { signal, schedule })
  expect(message.class).toBe('success')
})

test('a question is sent again until it is answered', async () => {
  const socket = await open()
  let questions = 0
  const server = new StunServer({ primary: socket })
  socket.handle(() => ++questions < 3)
  server.start()
  const schedule = { sendAtMs: [0, 5, 10, 15], giveUpAtMs: 10_000 }
  await new StunClient(await open()).ask(socket.local, { signal, schedule })
  expect(questions).toBeGreaterThanOrEqual(3)
})

test('silence ends with an error that names the server', async () => {
  const { local } = await open()
  const asked = new StunClient(await open()).ask(local, { signal, schedule: { sendAtMs: [0], giveUpAtMs: 5 } })
  await expect(asked).rejects.toMatchObject({ code: 'ERR_NO_STUN_ANSWER', server: local })
})

test('an abort ends the question at once, before and while it is open', async () => {
  const { local } = await open()
  const client = new StunClient(await open())
  const controller = new AbortController()
  const asked = client.ask(local, { signal: controller.signal })
  controller.abort(new DOMException('enough', 'AbortError'))
  await expect(asked).rejects.toThrow('enough')
  await expect(client.ask(local, { signal: controller.signal })).rejects.toThrow('enough')
  expect(client.pending).toBe(0)
})

test('as many questions may be open as the bound, and no more', async () => {
  const client = new StunClient(await open())
  const id = (n: number): Uint8Array => Uint8Array.of(n >> 8, n & 255, ...new Uint8Array(10))
  for (let n = 0; n < MAX_OPEN_QUESTIONS; n++) {
    client.expect(id(n), () => undefined)
  }
  expect(() => client.expect(id(MAX_OPEN_QUESTIONS), () => undefined)).toThrow('STUN questions')
})

test('a server answers nothing beyond its rate, nothing malformed, and leaves what is not STUN to others', async () => {
  const socket = await open()
  const limits = { burstPerIp: 2, perIpPerSecond: 0, perSecond: 100, maxIps: 4 }
  const server = new StunServer({ primary: socket }, { limits })
  const others: number[] = []
  server.start()
  socket.handle((bytes) => others.push(bytes.byteLength) > 0)
  const client = new StunClient(await open())
  await client.ask(socket.local, { signal })
  const raw = createSocket('udp4')
  raw.send(
    Buffer.from('0001000421 12a442 000000000000000000000000 00090001'.replace(/ /g, ''), 'hex'),
    socket.local.port
  )
  raw.send('hello', socket.local.port)
  await until(() => server.stats.dropped === 1 && others.length === 1)
  const asked = client.ask(socket.local, { signal, schedule: { sendAtMs: [0], giveUpAtMs: 50 } })
  await expect(asked).rejects.toMatchObject({ code: 'ERR_NO_STUN_ANSWER' })
  expect(others).toEqual([5])
  raw.close()
  await once(raw, 'close')
})

test('a port that is taken cannot be opened', async () => {
  const { local } = await open()
  await expect(bindDgram(4, local)).rejects.toMatchObject({ code: 'ERR_UDP_BIND' })
})

test('the schedule of RFC 8489', () => {
  expect(rfcSchedule().sendAtMs).toHaveLength(MAX_SENDS)
  expect(rfcSchedule()).toEqual({ sendAtMs: [0, 500, 1500, 3500, 7500, 15_500, 31_500], giveUpAtMs: 39_500 })
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
