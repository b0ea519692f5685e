import type { Connection, ConnectionEncrypter, ConnectionProtector, MessageStream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp as stockTcp } from '@libp2p/tcp'
import { tls as stockTls } from '@libp2p/tls'
import type { TLSComponents } from '@libp2p/tls'
import { AbstractMessageStream } from '@libp2p/utils'
import type { SendResult } from '@libp2p/utils'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { bulkChannelsSymbol } from '@p2pshare/interface'
import { seededRandom } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import type { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it } from 'vitest'
import { tcp, tls } from '../../src/index.ts'
import type { Tcp, TcpComponents } from '../../src/index.ts'
import { Collector } from '../support/bulk.ts'
import { cleanUpNodes, createNode, echoed, portOf } from '../support/nodes.ts'
import { cleanUpSockets, open } from '../support/sockets.ts'
import { upgraderWith } from '../support/tls-pair.ts'

checkLeaks()
cleanUpNodes()
cleanUpSockets()

type Encrypters = Array<(components: TLSComponents) => ConnectionEncrypter>

const data = seededRandom('tls').bytes(4 * 1024 * 1024)

/** Stock TLS of before muxers were negotiated in the handshake. */
const lateStockTls = ({ privateKey, logger }: TLSComponents): ConnectionEncrypter =>
  stockTls()({ privateKey, logger, upgrader: upgraderWith() })

const ours = { transports: [tcp()], connectionEncrypters: [tls()] as Encrypters }
const stock = { transports: [stockTcp()], connectionEncrypters: [stockTls()] as Encrypters }
const lateStock = { transports: [stockTcp()], connectionEncrypters: [lateStockTls] as Encrypters }

async function expectEcho(connection: Connection): Promise<void> {
  expect((await echoed(connection, data)).equals(data)).toBe(true)
}

describe.each([
  ['ours dials ours', ours, ours],
  ['ours dials stock', ours, stock],
  ['stock dials ours', stock, ours],
  ['ours dials stock with a late muxer', ours, lateStock],
  ['stock with a late muxer dials ours', lateStock, ours]
])('%s', (_, dialling, listening) => {
  it('encrypts by TLS, agrees on yamux and moves megabytes both ways, whole', async () => {
    const dialer = await createNode({ ...dialling, addresses: { listen: [] } })
    const listener = await createNode(listening)
    const connection = await dialer.dial(listener.getMultiaddrs())
    expect([connection.encryption, connection.multiplexer]).toEqual(['/tls/1.0.0', '/yamux/1.0.0'])
    await expectEcho(connection)
    const [back] = listener.getConnections(dialer.peerId)
    expect(back).toBeDefined()
    if (back !== undefined) {
      await expectEcho(back)
    }
  })
})

describe('a node with TLS', () => {
  it('talks to one that has noise alone, in both directions', async () => {
    const both = { transports: [tcp()], connectionEncrypters: [tls(), noise()] }
    const old = { transports: [stockTcp()], connectionEncrypters: [noise()] }
    for (const [dialling, listening] of [
      [both, old],
      [old, both]
    ] as const) {
      const dialer = await createNode({ ...dialling, addresses: { listen: [] } })
      const listener = await createNode(listening)
      const connection = await dialer.dial(listener.getMultiaddrs())
      expect(connection.encryption).toBe('/noise')
      await expectEcho(connection)
    }
  })

  it('does not connect to an address that belongs to somebody else', async () => {
    const dialer = await createNode({ ...ours, addresses: { listen: [] } })
    const [right, wrong] = [await createNode(ours), await createNode(stock)]
    const address = right.getMultiaddrs()[0]?.decapsulate('/p2p').encapsulate(`/p2p/${wrong.peerId.toString()}`)
    await expect(dialer.dial(address ?? [])).rejects.toThrow()
    expect(dialer.getConnections()).toEqual([])
  })

  it('takes peers with keys of other types', async () => {
    const listener = await createNode(ours)
    for (const privateKey of [await generateKeyPair('secp256k1'), await generateKeyPair('RSA', 2048)]) {
      const dialer = await createNode({ ...stock, privateKey, addresses: { listen: [] } })
      await expectEcho(await dialer.dial(listener.getMultiaddrs()))
    }
  })

  it('hands everything over before an orderly close ends the connection', async () => {
    const dialer = await createNode({ ...ours, addresses: { listen: [] } })
    const listener = await createNode(ours)
    const received = Promise.withResolvers<number>()
    await listener.handle('/sink', async (stream) => {
      let bytes = 0
      for await (const part of stream) {
        bytes += part.byteLength
      }
      received.resolve(bytes)
    })
    const stream = await dialer.dialProtocol(listener.getMultiaddrs(), '/sink')
    stream.send(data.subarray(0, 200_000))
    await stream.close()
    await dialer.getConnections()[0]?.close()
    expect(await received.promise).toBe(200_000)
  })

  it('encrypts behind a protector too, and the protector sees every byte', async () => {
    let protectedBytes = 0
    const protector = () => ({
      protect: async (stream: MessageStream) =>
        new Masked(stream, (bytes) => {
          protectedBytes += bytes
        })
    })
    const masked = { ...ours, connectionProtector: protector as () => ConnectionProtector }
    const dialer = await createNode({ ...masked, addresses: { listen: [] } })
    const listener = await createNode(masked)
    const connection = await dialer.dial(listener.getMultiaddrs())
    expect(connection.encryption).toBe('/tls/1.0.0')
    await expectEcho(connection)
    expect(protectedBytes).toBeGreaterThan(2 * data.byteLength)
  })
})

describe('bulk channels of tcp()', () => {
  it('come in on the port that libp2p listens on, for peers that were invited', async () => {
    const transports: Tcp[] = []
    const spied = (components: TcpComponents): Tcp => {
      const transport = tcp()(components)
      transports.push(transport)
      return transport
    }
    const [a, b] = [
      await createNode({ ...ours, transports: [spied] }),
      await createNode({ ...ours, transports: [spied] })
    ]
    const [channelsOfA, channelsOfB] = transports.map((transport) => transport[bulkChannelsSymbol])
    if (channelsOfA === undefined || channelsOfB === undefined) {
      throw new TypeError('there are no bulk channels')
    }
    const connection = await a.dial(b.getMultiaddrs())
    const [address] = channelsOfB.addresses()
    expect(address?.toString()).toBe(`/ip4/127.0.0.1/tcp/${portOf(b)}`)
    const [atA, atB] = [new Collector(65_536), new Collector(65_536)]
    const invitation = channelsOfB.invite(a.peerId, { sink: atB })
    if (address === undefined) {
      throw new TypeError('b does not listen')
    }
    const near = await channelsOfA.open(address, b.peerId, invitation.token, { sink: atA })
    const far = await invitation.channel
    near.write([data])
    far.write([data])
    await expectEcho(connection)
    near.end()
    await Promise.all([near.closed, far.closed])
    expect([atA.data.equals(data), atB.data.equals(data)]).toEqual([true, true])
  })

  it('cut off who speaks TLS to the port without the protocol', async () => {
    const node = await createNode(ours)
    const socket = await open(portOf(node))
    socket.write(Buffer.concat([Uint8Array.of(0x16), Buffer.from('and then no record of TLS')]))
    socket.resume()
    await new Promise((resolve) => socket.once('close', resolve))
  })
})

/** A protector that masks every byte. */
class Masked extends AbstractMessageStream {
  readonly #stream: MessageStream
  readonly #count: (bytes: number) => void

  constructor(stream: MessageStream, count: (bytes: number) => void) {
    super({ log: stream.log, direction: stream.direction })
    this.#stream = stream
    this.#count = count
    stream.addEventListener('message', ({ data: bytes }) => {
      this.onData(mask(bytes))
    })
    stream.addEventListener('drain', () => {
      this.safeDispatchEvent('drain')
    })
    stream.addEventListener('close', ({ error }) => {
      this.onTransportClosed(error)
    })
  }

  override sendData(bytes: Uint8ArrayList): SendResult {
    this.#count(bytes.byteLength)
    return { sentBytes: bytes.byteLength, canSendMore: this.#stream.send(mask(bytes)) }
  }

  override sendReset(error: Error): void {
    this.#stream.abort(error)
  }

  override sendPause(): void {
    this.#stream.pause()
  }

  override sendResume(): void {
    this.#stream.resume()
  }

  override async close(): Promise<void> {
    await this.#stream.close()
  }
}

function mask(bytes: Uint8Array | Uint8ArrayList): Uint8Array {
  return bytes.slice().map((byte) => byte ^ 0x55)
}
