import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULTS, STUN_OTHER_PORT, stunOtherPort, withDefaults } from '../src/config/defaults.ts'
import { startServer } from '../src/server.ts'

const HOST = '127.0.0.1'
const stops: (() => unknown)[] = []
let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'p2pshare-server-'))
})

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) {
    await stop()
  }
  await rm(home, { recursive: true, force: true })
})

async function bind(port = 0): Promise<Socket> {
  const socket = createSocket('udp4')
  stops.push(() => socket.close())
  socket.bind({ port, address: HOST, exclusive: true })
  await once(socket, 'listening')
  return socket
}

/** A port that nobody has. */
async function freePort(): Promise<number> {
  const socket = await bind()
  const { port } = socket.address()
  stops.pop()
  socket.close()
  await once(socket, 'close')
  return port
}

/** What a server with that second port has logged by the time it runs. */
async function start(otherPort: number): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = []
  const write = (line: string): unknown => lines.push(JSON.parse(line) as Record<string, unknown>)
  const config = withDefaults({
    home,
    listen: [`/ip4/${HOST}/udp/0/utp`],
    mdns: false,
    http: { port: 0 },
    stun: { otherPort }
  })
  const server = await startServer(config, { version: '0', pid: 1, logger: pino({}, { write }), now: () => 0 })
  stops.push(async () => server.stop())
  return lines
}

test('STUN is answered at the second port that is configured', async () => {
  const port = await freePort()
  expect(await start(port)).toEqual([])
  await expect(bind(port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  stops.pop()
})

test('a server whose second STUN port is taken starts with another, and says so', async () => {
  const { port } = (await bind()).address()
  const [line] = await start(port)
  expect(line).toMatchObject({ event: 'stun.port-taken', taken: port, used: expect.any(Number) })
  expect(line?.['used']).not.toBe(port)
})

test.each([
  ['as the guide has it', DEFAULTS.listen, {}, STUN_OTHER_PORT],
  ['on any UDP port', ['/ip4/127.0.0.1/tcp/7071', '/ip4/127.0.0.1/udp/0/utp'], {}, 0],
  ['on TCP alone', ['/ip4/127.0.0.1/tcp/7071'], {}, 0],
  ['anywhere, and another is configured', DEFAULTS.listen, { otherPort: 3479 }, 3479],
  ['anywhere, and any is configured', DEFAULTS.listen, { otherPort: 0 }, 0]
])('listening %s', (_, listen, stun, expected) => {
  expect(stunOtherPort({ listen, stun })).toBe(expected)
})
