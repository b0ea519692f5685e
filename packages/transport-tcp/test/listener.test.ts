import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MultiaddrConnection, Upgrader } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { seededRandom } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { afterEach, describe, expect, test } from 'vitest'
import { InboundLimits } from '../src/inbound-limits.ts'
import { TcpListener } from '../src/listener.ts'
import type { AcceptTls } from '../src/listener.ts'
import { resolveTcpOptions } from '../src/options.ts'
import type { TcpInit } from '../src/options.ts'
import { cleanUpSockets, happened, logger, open, readAll, refused, serve, until } from './support/sockets.ts'

checkLeaks()
cleanUpSockets()

const LOOPBACK = multiaddr('/ip4/127.0.0.1/tcp/0')
const listeners: TcpListener[] = []
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

type Upgrade = (connection: MultiaddrConnection, options: { signal: AbortSignal }) => Promise<void>

interface Setup {
  readonly listener: TcpListener
  readonly limits: InboundLimits
  /** Connections that were handed on for an upgrade. */
  readonly upgraded: MultiaddrConnection[]
}

function create(init: TcpInit = {}, upgrade: Upgrade = async () => {}, acceptTls?: AcceptTls): Setup {
  const options = resolveTcpOptions(init)
  const limits = new InboundLimits(options)
  const upgraded: MultiaddrConnection[] = []
  const upgradeInbound: Upgrade = async (connection, upgradeOptions) => {
    upgraded.push(connection)
    await upgrade(connection, upgradeOptions)
  }
  const upgrader = { upgradeInbound } as Partial<Upgrader> as Upgrader
  const listener = new TcpListener({ upgrader, logger, options, limits, acceptTls, metrics: undefined })
  listeners.push(listener)
  return { listener, limits, upgraded }
}

async function listen(...args: Parameters<typeof create>): Promise<Setup & { readonly port: number }> {
  const setup = create(...args)
  await setup.listener.listen(LOOPBACK)
  return { ...setup, port: Number(setup.listener.getAddrs()[0]?.getComponents()[1]?.value) }
}

/** An upgrade that never ends by itself. */
const stuck = async (_: MultiaddrConnection, { signal }: { signal: AbortSignal }): Promise<void> => {
  await once(signal, 'abort')
  signal.throwIfAborted()
}

const ended = async (socket: Socket): Promise<void> => {
  socket.resume()
  if (!socket.closed) {
    await once(socket, 'close').catch(() => {})
  }
}

describe('addresses', () => {
  test('there are none before it listens and after it has closed', async () => {
    const { listener } = await listen()
    expect(listener.getAddrs()).toHaveLength(1)
    await listener.close()
    expect(listener.getAddrs()).toEqual([])
  })

  test('a wildcard stands for the interfaces there are', async () => {
    const { listener } = create()
    await listener.listen(multiaddr('/ip4/0.0.0.0/tcp/0'))
    const hosts = listener.getAddrs().map((address) => address.getComponents()[0]?.value)
    const interfaces = Object.values(networkInterfaces()).flatMap((found) => found ?? [])
    expect(hosts).toEqual(interfaces.filter(({ family }) => family === 'IPv4').map(({ address }) => address))
  })

  test('one that is taken is refused with the reason', async () => {
    const { port } = await serve()
    const { listener } = create()
    const failed = happened<CustomEvent<Error>>(listener, 'error')
    await expect(listener.listen(multiaddr(`/ip4/127.0.0.1/tcp/${port}`))).rejects.toMatchObject({
      name: 'ListenFailedError',
      code: 'ERR_LISTEN_FAILED',
      cause: { code: 'EADDRINUSE' }
    })
    expect((await failed).detail).toMatchObject({ code: 'EADDRINUSE' })
  })

  test('it listens once', async () => {
    const { listener } = await listen()
    await expect(listener.listen(LOOPBACK)).rejects.toMatchObject({ code: 'ERR_ALREADY_LISTENING' })
  })

  test('a Unix socket is one too', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'p2pshare-tcp-'))
    const path = join(directory, 's')
    const address = multiaddr(`/unix/${encodeURIComponent(path)}`)
    const { listener, upgraded } = create()
    await listener.listen(address)
    expect(listener.getAddrs()).toEqual([address])
    const socket = connect(path)
    socket.write('x')
    await until(() => upgraded.length === 1)
    expect(upgraded[0]?.remoteAddr).toEqual(address)
    upgraded[0]?.abort(new TypeError('no more'))
    await ended(socket)
    await listener.close()
    await rm(directory, { recursive: true })
  })
})

describe('the first byte', () => {
  test('that of multistream-select goes to libp2p, with all that follows and nothing lost', async () => {
    const { upgraded, port } = await listen()
    const data = seededRandom('listener').bytes(200_000)
    data[0] = 0x13
    const socket = await open(port)
    socket.write(data)
    await until(() => upgraded.length === 1)
    expect(upgraded[0]?.remoteAddr.toString()).toBe(`/ip4/127.0.0.1/tcp/${socket.localPort ?? 0}`)
    const parts: Uint8Array[] = []
    upgraded[0]?.addEventListener('message', ({ data: bytes }) => void parts.push(bytes.subarray()))
    await until(() => parts.reduce((sum, { length }) => sum + length, 0) === data.length)
    expect(Buffer.concat(parts).equals(data)).toBe(true)
  })

  test('that of a TLS handshake goes to who takes those, unread', async () => {
    const accepted = Promise.withResolvers<Socket>()
    const { port, upgraded } = await listen({}, undefined, async (socket) => {
      accepted.resolve(socket)
    })
    const socket = await open(port)
    socket.end(Buffer.from([0x16, 3, 1]))
    expect(await readAll(await accepted.promise)).toEqual(Buffer.from([0x16, 3, 1]))
    expect(upgraded).toEqual([])
  })

  test('that of a TLS handshake is garbage to libp2p when nobody takes those', async () => {
    const { upgraded, port } = await listen()
    ;(await open(port)).write(Buffer.from([0x16]))
    await until(() => upgraded.length === 1)
  })

  test('any other is the end of who sent it, where TLS is taken; in a private network it is libp2p that judges', async () => {
    const { port, upgraded, limits } = await listen({}, undefined, async () => undefined)
    for (const byte of [0x00, 0x12, 0x14, 0xff]) {
      const socket = await open(port)
      socket.write(Buffer.alloc(4096, byte))
      await ended(socket)
    }
    await until(() => limits.connections === 0)
    expect(upgraded).toEqual([])
    const hidden = await listen()
    ;(await open(hidden.port)).write(Buffer.from([0xff]))
    await until(() => hidden.upgraded.length === 1)
  })

  test('who takes it and fails has its socket destroyed', async () => {
    const { port, limits } = await listen({}, undefined, () => Promise.reject(new TypeError('not today')))
    const socket = await open(port)
    socket.write(Buffer.from([0x16]))
    await ended(socket)
    await until(() => limits.connections === 0)
  })

  test('who sends none within firstByteTimeoutMs is cut off', async () => {
    const { port, limits, upgraded } = await listen({ firstByteTimeoutMs: 5 })
    await ended(await open(port))
    await until(() => limits.connections === 0)
    expect(limits.pending).toBe(0)
    expect(upgraded).toEqual([])
  })

  test('who resets before it, or in the middle of the handshake, leaves nothing behind', async () => {
    const { port, limits } = await listen({}, stuck)
    ;(await open(port)).resetAndDestroy()
    const second = await open(port)
    second.write('x')
    await until(() => limits.pending > 0)
    second.resetAndDestroy()
    await until(() => limits.connections === 0)
  })
})

describe('limits', () => {
  test('maxPendingPerIp silent sockets wait, and one more is refused', async () => {
    const { port, limits } = await listen({ maxPendingPerIp: 3 })
    await Promise.all([open(port), open(port), open(port)])
    await until(() => limits.pending === 3)
    await refused(port)
    expect(limits.pending).toBe(3)
  })

  test('maxPending handshakes go on, and one more is refused', async () => {
    const { port, limits, upgraded } = await listen({ maxPending: 2 }, stuck)
    for (const socket of [await open(port), await open(port)]) {
      socket.write('x')
    }
    await until(() => upgraded.length === 2)
    await refused(port)
    expect(limits.pending).toBe(2)
  })

  test('maxConnections are open, and one more is refused until one of them ends', async () => {
    const { port, limits, upgraded } = await listen({ maxConnections: 2 })
    const [first, second] = [await open(port), await open(port)]
    first.write('x')
    second.write('x')
    await until(() => upgraded.length === 2 && limits.pending === 0)
    await refused(port)
    first.end()
    await until(() => limits.connections === 1)
    ;(await open(port)).write('x')
    await until(() => upgraded.length === 3)
  })

  test('an upgrade that fails gives its place back', async () => {
    const { port, limits } = await listen({}, () => Promise.reject(new TypeError('not today')))
    const socket = await open(port)
    socket.write('x')
    await ended(socket)
    await until(() => limits.connections === 0)
  })
})

describe('closing', () => {
  test('gives up who is silent, handshakes, and TLS that was handed over; closes connections', async () => {
    const tls: Socket[] = []
    const { listener, port, limits, upgraded } = await listen({}, undefined, async (socket) => void tls.push(socket))
    const [silent, secured, connected] = [await open(port), await open(port), await open(port)]
    secured.write(Buffer.from([0x16]))
    connected.write(Buffer.from([0x13]))
    await until(() => upgraded.length === 1 && tls.length === 1 && limits.pending === 1)
    const all = Promise.all([silent, secured, connected].map(ended))
    const closed = happened(listener, 'close')
    await listener.close()
    await closed
    await all
    expect(upgraded[0]?.status).toBe('closed')
    expect(limits.connections).toBe(0)
  })

  test('aborts an upgrade that goes on', async () => {
    const { listener, port, upgraded } = await listen({}, stuck)
    const socket = await open(port)
    socket.write('x')
    await until(() => upgraded.length === 1)
    await listener.close()
    await ended(socket)
    expect(upgraded[0]?.status).toBe('aborted')
  })

  test('delivers what its connections have sent', async () => {
    const data = seededRandom('closing').bytes(4 * 1024 * 1024)
    const { listener, port } = await listen({}, async (connection) => void connection.send(data))
    const socket = await open(port)
    socket.write('x')
    const received = readAll(socket)
    await once(socket, 'readable')
    await listener.close()
    expect((await received).equals(data)).toBe(true)
  })

  test('twice does no harm', async () => {
    const { listener } = await listen()
    await Promise.all([listener.close(), listener.close()])
  })
})
