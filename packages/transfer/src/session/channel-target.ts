import type { Connection } from '@libp2p/interface'
import { bulkChannelsSymbol } from '@p2pshare/interface'
import type { BulkChannels } from '@p2pshare/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'

/** How bulk channels to one peer are opened. */
export interface ChannelAccess {
  readonly channels: BulkChannels
  /** The one that they go beside. */
  readonly connection: Connection
  /** They go over the path of the connection: one is there after a round trip, and costs next to nothing. */
  readonly sharesPath: boolean
  /** Where the peer is dialled when it says that it listens on `port`. */
  target(port: number): Multiaddr
  /** The port at which this node takes channels from the peer; `undefined`: at none. */
  port(): number | undefined
}

interface Place {
  readonly ip: string
  readonly port: number
  readonly version: 'ip4' | 'ip6'
}

/** Where a port has to be said and none is needed. */
const NO_PORT = 1

/** The bulk channels of all transports that have some. */
export function findBulkChannels(transportManager: { getTransports(): readonly object[] } | undefined): BulkChannels[] {
  return (transportManager?.getTransports() ?? []).flatMap((transport) => {
    const { [bulkChannelsSymbol]: channels } = transport as { readonly [bulkChannelsSymbol]?: BulkChannels }
    return channels ?? []
  })
}

/**
 * How to reach the peer of a connection by bulk channels: over its path, for transports that can do so, or at its address when
 * it is a direct TCP one; `undefined`: in neither way. Only the address at the other end of the connection is ever dialled: a
 * peer that could name any other could make this node knock at doors for it.
 */
export function channelAccess(connection: Connection, all: readonly BulkChannels[]): ChannelAccess | undefined {
  if (connection.limits !== undefined) {
    return undefined
  }
  const beside = all.find((channels) => channels.sharesPathOf?.(connection) === true)
  if (beside !== undefined) {
    const target = (): Multiaddr => connection.remoteAddr
    return { channels: beside, connection, sharesPath: true, target, port: () => NO_PORT }
  }
  const channels = all.find((some) => !('sharesPathOf' in some))
  const remote = placeOf(connection.remoteAddr)
  if (channels === undefined || remote === undefined) {
    return undefined
  }
  return {
    channels,
    connection,
    sharesPath: false,
    // the address that this node dialled is open to it, whatever the peer believes its port to be
    target: (port) => addressOf(remote, connection.direction === 'outbound' ? remote.port : port),
    port: () =>
      channels
        .addresses()
        .map(portOf)
        .find((found) => found?.version === remote.version)?.port
  }
}

/** `/ip4/../tcp/..` or `/ip6/../tcp/..`, and nothing behind it but the peer. */
function placeOf(address: Multiaddr): Place | undefined {
  const [host, tcp, ...rest] = address.getComponents().filter(({ name }) => name !== 'ip6zone')
  const isPlain = tcp?.name === 'tcp' && rest.every(({ name }) => name === 'p2p')
  if (!isPlain || host?.value === undefined || (host.name !== 'ip4' && host.name !== 'ip6')) {
    return undefined
  }
  return { ip: host.value, version: host.name, port: Number(tcp.value) }
}

function portOf(address: Multiaddr): { readonly version: string; readonly port: number } | undefined {
  const [host, tcp] = address.getComponents()
  const port = Number(tcp?.value)
  return tcp?.name === 'tcp' && port > 0 ? { version: host?.name ?? '', port } : undefined
}

function addressOf({ version, ip }: Place, port: number): Multiaddr {
  return multiaddr(`/${version}/${ip}/tcp/${port}`)
}
