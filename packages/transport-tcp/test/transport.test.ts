import { serviceCapabilities, isTransport } from '@libp2p/interface'
import type { Connection, ConnectionProtector, MultiaddrConnection, Upgrader } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { bulkChannelsSymbol, localPortDialerSymbol } from '@p2pshare/interface'
import { seededKey, seededRandom } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { describe, expect, test } from 'vitest'
import { tcp } from '../src/index.ts'
import type { Tcp, TcpComponents, TcpInit } from '../src/index.ts'
import { addressOf } from './support/nodes.ts'
import { peerNamed } from './support/peers.ts'
import { cleanUpSockets, closedPort, logger, open, refused, serve, until } from './support/sockets.ts'

checkLeaks()
cleanUpSockets()

const signal = new AbortController().signal
const peer = await peerNamed('dialled')
const privateKey = await seededKey(seededRandom('us'))

interface Setup {
  readonly transport: Tcp
  readonly upgrader: Upgrader
  readonly upgraded: { connection: MultiaddrConnection; options: object }[]
}

/** A transport whose upgrades do what `upgrade` does. */
function create(
  init: TcpInit = {},
  upgrade: (connection: MultiaddrConnection) => Promise<void> = async () => {},
  components: Partial<TcpComponents> = {}
): Setup {
  const upgraded: Setup['upgraded'] = []
  const upgradeOutbound = async (connection: MultiaddrConnection, options: object): Promise<Connection> => {
    upgraded.push({ connection, options })
    await upgrade(connection)
    return connection as unknown as Connection
  }
  const upgrader = { upgradeOutbound } as Partial<Upgrader> as Upgrader
  return { transport: tcp(init)({ privateKey, logger, upgrader, ...components }), upgrader, upgraded }
}

/** As libp2p's dial queue does it. */
async function dialAsQueue({ transport, upgrader }: Setup, addresses: Multiaddr[]): Promise<Connection> {
  addresses.forEach((address) => transport.dialFilter([address]))
  await Promise.resolve()
  const [first = addressOf(0)] = transport.dialFilter(addresses.slice(0, 1))
  return transport.dial(first, { signal, upgrader, ...{ multiaddrs: new Set() } })
}

const at = (port: number): Multiaddr => multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${peer}`)

test('is what libp2p takes for a transport', () => {
  const { transport } = create()
  expect(isTransport(transport)).toBe(true)
  expect(transport[Symbol.toStringTag]).toBe('@p2pshare/transport-tcp')
  expect((transport as unknown as Record<symbol, unknown>)[serviceCapabilities]).toContain('@libp2p/transport')
})

test('dials and listens at TCP and Unix socket addresses, and no others', () => {
  const { transport } = create()
  const ours = [at(1), multiaddr('/unix/%2Ftmp%2Fs')]
  const others = [multiaddr('/ip4/127.0.0.1/tcp/1/ws'), multiaddr('/ip4/127.0.0.1/udp/1/quic-v1')]
  expect(transport.dialFilter([...ours, ...others])).toEqual(ours)
  expect(transport.listenFilter([...ours, ...others])).toEqual(ours)
})

describe('dialling', () => {
  test('hands an open connection to the upgrader, with the options of the dial', async () => {
    const { port } = await serve()
    const { transport, upgrader, upgraded } = create()
    await transport.dial(at(port), { signal, upgrader, initiator: false })
    expect(upgraded).toMatchObject([
      { connection: { direction: 'inbound', status: 'open' }, options: { initiator: false } }
    ])
    expect(upgraded[0]?.connection.remoteAddr.equals(at(port))).toBe(true)
  })

  test('an address of something else is an error with its name', async () => {
    const { transport, upgrader } = create()
    await expect(transport.dial(multiaddr('/memory/x'), { signal, upgrader })).rejects.toMatchObject({
      name: 'NotATcpAddressError'
    })
  })

  test('an aborted signal dials nobody', async () => {
    const { port } = await serve(() => expect.unreachable('somebody connected'))
    const { transport, upgrader } = create()
    await expect(transport.dial(at(port), { signal: AbortSignal.abort(), upgrader })).rejects.toMatchObject({
      name: 'AbortError'
    })
  })

  test('a failed upgrade is told as it is, and its socket is gone', async () => {
    const { port } = await serve()
    const { transport, upgrader, upgraded } = create({}, () => Promise.reject(new TypeError('somebody else')))
    await expect(transport.dial(at(port), { signal, upgrader })).rejects.toThrow('somebody else')
    expect(upgraded[0]?.connection.status).toBe('aborted')
  })

  test('an abort during the upgrade ends the socket', async () => {
    const { port } = await serve()
    const controller = new AbortController()
    const { transport, upgrader, upgraded } = create({}, async () => {
      controller.abort(new TypeError('enough'))
      controller.signal.throwIfAborted()
    })
    await expect(transport.dial(at(port), { signal: controller.signal, upgrader })).rejects.toThrow('enough')
    expect(upgraded[0]?.connection.status).toBe('aborted')
  })
})

describe('several addresses of one dial', () => {
  test('the next takes over from one that refuses, and is what the connection says it is', async () => {
    const { port } = await serve()
    const setup = create()
    const connection = await dialAsQueue(setup, [at(await closedPort()), at(port)])
    expect(connection.remoteAddr.equals(at(port))).toBe(true)
    expect(setup.upgraded).toHaveLength(1)
  })

  test('and from one behind which somebody else sits', async () => {
    const [wrong, right] = [await serve(), await serve()]
    const setup = create({}, async ({ remoteAddr }) => {
      if (remoteAddr.equals(at(wrong.port))) {
        throw new TypeError('somebody else')
      }
    })
    const connection = await dialAsQueue(setup, [at(wrong.port), at(right.port)])
    expect(connection.remoteAddr.equals(at(right.port))).toBe(true)
    expect(setup.upgraded.map(({ connection: { status } }) => status)).toEqual(['aborted', 'open'])
  })

  test('when all fail, the error has each reason', async () => {
    const { port } = await serve()
    const setup = create({}, () => Promise.reject(new TypeError('somebody else')))
    await expect(dialAsQueue(setup, [at(await closedPort()), at(port)])).rejects.toMatchObject({
      name: 'ConnectFailedError',
      message: expect.stringMatching(/ECONNREFUSED.*somebody else/) as string,
      failures: [{ name: 'ConnectFailedError' }, { message: 'somebody else' }]
    })
  })

  test('an address that is dialled alone is tried alone', async () => {
    const { port } = await serve()
    const setup = create()
    const refusing = at(await closedPort())
    // a service asked before whether all of them can be dialled
    setup.transport.dialFilter([refusing])
    setup.transport.dialFilter([at(port)])
    await Promise.resolve()
    await expect(dialAsQueue(setup, [refusing])).rejects.toMatchObject({ name: 'ConnectFailedError' })
    expect(setup.upgraded).toEqual([])
  })

  test('the connection gater of the node is asked about the others', async () => {
    const { port } = await serve()
    const setup = create({}, undefined, {
      connectionGater: { denyDialMultiaddr: (address) => address.equals(at(port)) }
    })
    await expect(dialAsQueue(setup, [at(await closedPort()), at(port)])).rejects.toMatchObject({
      failures: [{ name: 'ConnectFailedError' }, { name: 'AddressDeniedError' }]
    })
  })
})

describe('a local port', () => {
  test('is dialled from, by services that find the transport by its symbol', async () => {
    const seen = Promise.withResolvers<number | undefined>()
    const { port } = await serve((socket) => seen.resolve(socket.remotePort))
    const localPort = await closedPort()
    const { transport, upgraded } = create()
    await transport[localPortDialerSymbol].dialFrom(localPort, at(port), { signal, initiator: false })
    expect(await seen.promise).toBe(localPort)
    expect(upgraded[0]?.options).toMatchObject({ initiator: false })
    upgraded[0]?.connection.abort(new TypeError('done'))
  })

  test('that is taken is an error with its name', async () => {
    const { port: localPort } = await serve()
    const { port } = await serve()
    const { transport, upgrader } = create()
    await expect(transport.dial(at(port), { signal, upgrader, localPort })).rejects.toMatchObject({
      name: 'LocalPortTakenError',
      localPort
    })
  })

  test.each([0, -1, 65_536, 1.5])('%s is none', async (localPort) => {
    const { transport, upgrader } = create()
    await expect(transport.dial(at(1), { signal, upgrader, localPort })).rejects.toMatchObject({
      name: 'InvalidLocalPortError'
    })
  })

  test.each([1, 65_535])('%s is one', async (localPort) => {
    const { transport, upgrader } = create()
    // nobody listens there, and the first may be the system's
    const dialling = transport.dial(at(await closedPort()), { signal, upgrader, localPort })
    await expect(dialling).rejects.toMatchObject({
      name: expect.stringMatching(/^(ConnectFailedError|LocalPortTakenError)$/) as string
    })
  })
})

test('limits are those of all listeners of the transport together', async () => {
  const { transport, upgrader } = create({ maxPending: 1 })
  const listeners = [transport.createListener({ upgrader }), transport.createListener({ upgrader })]
  await Promise.all(listeners.map((listener) => listener.listen(multiaddr('/ip4/127.0.0.1/tcp/0'))))
  const [first, second] = listeners.map((listener) => Number(listener.getAddrs()[0]?.getComponents()[1]?.value))
  await open(first ?? 0)
  await refused(second ?? 0)
  await Promise.all(listeners.map((listener) => listener.close()))
})

describe('bulk channels', () => {
  test('are found by their symbol, and know where this node listens', async () => {
    const { transport, upgrader } = create()
    expect(transport[bulkChannelsSymbol]?.addresses()).toEqual([])
    const listener = transport.createListener({ upgrader })
    await listener.listen(multiaddr('/ip4/127.0.0.1/tcp/0'))
    expect(transport[bulkChannelsSymbol]?.addresses()).toEqual(listener.getAddrs())
    await listener.close()
    expect(transport[bulkChannelsSymbol]?.addresses()).toEqual([])
  })

  test('there are none in a private network, whose first byte is random', async () => {
    const upgraded: MultiaddrConnection[] = []
    const connectionProtector = {} as ConnectionProtector
    const { transport } = create({}, undefined, { connectionProtector })
    expect(transport[bulkChannelsSymbol]).toBeUndefined()
    const upgradeInbound = async (connection: MultiaddrConnection) => void upgraded.push(connection)
    const listener = transport.createListener({ upgrader: { upgradeInbound } as Partial<Upgrader> as Upgrader })
    await listener.listen(multiaddr('/ip4/127.0.0.1/tcp/0'))
    const socket = await open(Number(listener.getAddrs()[0]?.getComponents()[1]?.value))
    socket.write(Buffer.from([0x16]))
    await until(() => upgraded.length === 1)
    await listener.close()
  })
})
