import { ConnectionFailedError } from '@libp2p/interface'
import type { MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import type { DatagramAddress } from '@p2pshare/interface'
import { lazily, override } from '../standard/override.ts'
import { rtcConfiguration } from './rtc-configuration.ts'
import type { RtcConfiguration, RtcConfigurationInit } from './rtc-configuration.ts'
import { checkTurnServers } from './turn-server.ts'

/** A transport that has to be told of STUN servers takes a function that gives them as `transport[stunServersSymbol](…)`. */
const stunServersSymbol = Symbol.for('@p2pshare/stun-servers')

/** What a transport is made of, as far as it matters here. */
interface WithUpgrader {
  readonly upgrader: Upgrader
}

type StunServers = () => readonly { readonly address: DatagramAddress }[]

/**
 * WebRTC whose ICE asks the STUN servers that the `nat` service of the same node knows, and the TURN servers that are named
 * here. `make` is given what `webRTC({ rtcConfiguration })` of `@libp2p/webrtc` takes.
 *
 * @example
 *
 * ```ts
 * import { webRTC } from '@libp2p/webrtc'
 * import { withIce } from '@p2pshare/nat'
 *
 * const transport = withIce((rtcConfiguration) => webRTC({ rtcConfiguration }), {
 *   turnServers: [{ url: 'turn:turn.example.org', username: 'me', credential: 'secret' }]
 * })
 * ```
 *
 * @throws InvalidOptionError for a TURN server that cannot be one
 */
export function withIce<Components extends object, T extends Transport>(
  make: (rtcConfiguration: () => RtcConfiguration) => (components: Components) => T,
  { turnServers = [] }: Pick<RtcConfigurationInit, 'turnServers'> = {}
): (components: Components & WithUpgrader) => T {
  checkTurnServers(turnServers)
  return (components) => {
    let known: StunServers = () => []
    const upgrader = lazily(() => components.upgrader, {
      upgradeInbound: async (connection, options) => {
        checkConnected(connection)
        return components.upgrader.upgradeInbound(connection, options)
      }
    })
    const transport = make(rtcConfiguration({ stunServers: () => known(), turnServers }))(
      override<Components & WithUpgrader>(components, { upgrader } as Partial<Components & WithUpgrader>)
    )
    return Object.assign(transport, {
      [stunServersSymbol]: (servers: StunServers) => {
        known = servers
      }
    })
  }
}

/**
 * When the end that dials gives up, libp2p's WebRTC at the other one takes the end of their talk for success, and has a
 * connection by which nothing ever comes: nobody would use the relayed one.
 */
function checkConnected(connection: MultiaddrConnection): void {
  const { peerConnection } = connection as { peerConnection?: { readonly connectionState: string } }
  if (peerConnection !== undefined && peerConnection.connectionState !== 'connected') {
    throw new ConnectionFailedError(`the peer gave up, WebRTC was ${peerConnection.connectionState}`)
  }
}

/** Tell the transports of a node that want to know. */
export function giveStunServers(transports: Pick<TransportManager, 'getTransports'>, servers: StunServers): void {
  for (const transport of transports.getTransports()) {
    const take = (transport as { [stunServersSymbol]?: (servers: StunServers) => void })[stunServersSymbol]
    take?.(servers)
  }
}
