import type { ConnectionEncrypter, StreamMuxerFactory, Transport } from '@libp2p/interface'
import { ahead, natTransports } from '@p2pshare/nat'
import { BLOCK_PROTOCOL, TRANSFER_PROTOCOL } from '@p2pshare/transfer'
import { tcp, tls } from '@p2pshare/transport-tcp'
import { udx } from '@p2pshare/transport-udx'
import type { Libp2pInit } from 'libp2p'
import { deferredEncrypter } from './deferred-encrypter.ts'
import { eagerStreams } from './eager-streams.ts'
import { brakedStreams } from './stream-brake.ts'
import { thriftyYamux } from './thrifty-yamux.ts'

/** A part of a node, as libp2p takes it: a function of the node's components. */
type Factory<Part> = (components: Parameters<NonNullable<Libp2pInit['transports']>[number]>[0]) => Part

/**
 * TCP, UDX (UDP, which goes through NATs) and circuits through relays. To add one of your own: `createNode({ transports: [...defaultTransports(), mine()] })`.
 */
export function defaultTransports(): Array<Factory<Transport>> {
  return [tcp(), ahead(udx()), ...natTransports()]
}

/** TLS 1.3 first, which runs on the socket itself; noise for peers that have only that. */
export function defaultConnectionEncrypters(): Array<Factory<ConnectionEncrypter>> {
  return [tls(), deferredEncrypter('/noise', async () => (await import('@libp2p/noise')).noise())]
}

/**
 * Yamux, sparing with window updates; blocks are asked for, and sessions begun and moved, without waiting for the protocol to be
 * agreed on: over a relay that is a round trip of 100 ms and more. Peers whose streams come to nothing are slowed down.
 */
export function defaultStreamMuxers(): Array<Factory<StreamMuxerFactory>> {
  return [brakedStreams(eagerStreams(thriftyYamux(), [BLOCK_PROTOCOL, TRANSFER_PROTOCOL]))]
}
