import type {
  ConnectionEncrypter,
  MultiaddrConnection,
  PrivateKey,
  SecuredConnection,
  StreamMuxerFactory,
  Upgrader
} from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { seededKey, seededRandom } from '@p2pshare/testkit'
import type { Socket } from 'node:net'
import { TcpConnection } from '../../src/connection.ts'
import { tls } from '../../src/tls/index.ts'
import type { TlsInit } from '../../src/tls/index.ts'
import { logger, socketPair } from './sockets.ts'

/** An upgrader of which only the muxers are asked for. */
export function upgraderWith(...muxers: readonly string[]): Upgrader {
  const factories = new Map(muxers.map((protocol) => [protocol, { protocol } as StreamMuxerFactory]))
  return { getStreamMuxers: () => factories } as unknown as Upgrader
}

/** An encrypter of a node with this key. */
export function encrypter(
  privateKey: PrivateKey,
  muxers: readonly string[] = [],
  init: TlsInit = {}
): ConnectionEncrypter {
  return tls(init)({ privateKey, upgrader: upgraderWith(...muxers), logger })
}

/** A connection of our transport around one end of a socket. */
export function connectionOf(socket: Socket, direction: 'inbound' | 'outbound'): TcpConnection {
  return new TcpConnection({
    socket,
    remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/1'),
    direction,
    log: logger.forComponent('test'),
    inactivityTimeoutMs: 60_000,
    closeTimeoutMs: 60_000
  })
}

export interface End {
  readonly connection: MultiaddrConnection
  readonly socket: Socket
  readonly secured: SecuredConnection
}

/** Two ends of one encrypted connection. */
export async function securePair(
  muxers: { client?: string[]; server?: string[] } = {}
): Promise<{ client: End; server: End }> {
  const { near, far } = await socketPair()
  const [clientKey, serverKey] = await Promise.all([keyOf('client'), keyOf('server')])
  const outbound = connectionOf(near, 'outbound')
  const inbound = connectionOf(far, 'inbound')
  const [client, server] = await Promise.all([
    encrypter(clientKey, muxers.client).secureOutbound(outbound),
    encrypter(serverKey, muxers.server).secureInbound(inbound)
  ])
  return {
    client: { connection: outbound, socket: near, secured: client },
    server: { connection: inbound, socket: far, secured: server }
  }
}

/** The key of a peer that is the same in each run. */
export async function keyOf(name: string): Promise<PrivateKey> {
  return seededKey(seededRandom(name))
}
