import { once } from 'node:events'
import { createServer } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { expect, test } from 'vitest'
import { connect } from '../src/connect.ts'
import { ipEndpoint } from '../src/endpoint.ts'
import { blackHole } from './support/black-hole.ts'
import { cleanUpSockets, closedPort, serve } from './support/sockets.ts'

checkLeaks()
cleanUpSockets()

const timeoutMs = 60_000
const loopback = (port: number) => ipEndpoint('127.0.0.1', 4, port)

test('opens a socket, with nothing left of the way to it', async () => {
  const { port } = await serve()
  const socket = await connect(loopback(port), { timeoutMs })
  expect(socket.remotePort).toBe(port)
  expect(socket.listenerCount('timeout')).toBe(0)
  expect(socket.listenerCount('connect')).toBe(0)
  socket.destroy()
})

test('says why there is none', async () => {
  await expect(connect(loopback(await closedPort()), { timeoutMs })).rejects.toMatchObject({
    name: 'ConnectFailedError',
    code: 'ERR_CONNECT_FAILED',
    cause: { code: 'ECONNREFUSED' }
  })
})

test('does not begin when the signal is aborted already', async () => {
  const { port } = await serve(() => expect.unreachable('somebody connected'))
  await expect(connect(loopback(port), { timeoutMs, signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError'
  })
})

test('opens a Unix socket', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'p2pshare-tcp-'))
  const path = join(directory, 's')
  const server = createServer((socket) => void socket.end())
  server.listen(path)
  await once(server, 'listening')
  const socket = await connect({ kind: 'unix', text: path, path }, { timeoutMs })
  socket.resume()
  await once(socket, 'close')
  server.close()
  await once(server, 'close')
  await rm(directory, { recursive: true })
})

test('dials from the local port it is given', async () => {
  const localPort = await closedPort()
  const seen = Promise.withResolvers<number | undefined>()
  const { port } = await serve((socket) => seen.resolve(socket.remotePort))
  const socket = await connect(loopback(port), { timeoutMs, localPort })
  expect(await seen.promise).toBe(localPort)
  socket.resetAndDestroy()
})

test('a local port on which somebody listens is taken', async () => {
  const { port: localPort } = await serve()
  const { port } = await serve()
  await expect(connect(loopback(port), { timeoutMs, localPort })).rejects.toMatchObject({
    name: 'LocalPortTakenError',
    code: 'ERR_LOCAL_PORT_TAKEN',
    localPort,
    cause: { code: 'EADDRINUSE' }
  })
})

test('that nobody answers does not blame the local port', async () => {
  const localPort = await closedPort()
  await expect(connect(loopback(await closedPort()), { timeoutMs, localPort })).rejects.toMatchObject({
    name: 'ConnectFailedError'
  })
})

test.runIf(process.platform === 'linux')('an abort on the way ends it', async () => {
  await using hole = await blackHole()
  const controller = new AbortController()
  const connecting = connect(loopback(hole.port), { timeoutMs, signal: controller.signal })
  controller.abort(new TypeError('enough'))
  await expect(connecting).rejects.toThrow('enough')
})

test.runIf(process.platform === 'linux')('silence is not waited for longer than timeoutMs', async () => {
  await using hole = await blackHole()
  await expect(connect(loopback(hole.port), { timeoutMs: 10 })).rejects.toMatchObject({
    name: 'ConnectFailedError',
    cause: { name: 'DeadlineError' }
  })
})
