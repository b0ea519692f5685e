import type { ConnectionEncrypter, StreamMuxerFactory, Transport } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import { natTransports } from '@p2pshare/nat'
import type { Libp2pInit } from 'libp2p'

/** A part of a node, as libp2p takes it: a function of the node's components. */
type Factory<Part> = (components: Parameters<NonNullable<Libp2pInit['transports']>[number]>[0]) => Part

/**
 * TCP, and circuits through relays. To add one of your own: `createNode({ transports: [...defaultTransports(), mine()] })`.
 */
export function defaultTransports(): Array<Factory<Transport>> {
  return [tcp(), ...natTransports()]
}

/** TLS 1.3 first, since Node does it natively; noise for peers that have only that. */
export function defaultConnectionEncrypters(): Array<Factory<ConnectionEncrypter>> {
  return [tls(), noise()]
}

/** Yamux. */
export function defaultStreamMuxers(): Array<Factory<StreamMuxerFactory>> {
  return [yamux()]
}
