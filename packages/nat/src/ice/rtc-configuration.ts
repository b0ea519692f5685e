import type { DatagramAddress } from '@p2pshare/interface'
import { MAX_ICE_STUN_SERVERS } from './constants.ts'
import { checkTurnServers } from './turn-server.ts'
import type { TurnServer } from './turn-server.ts'

/** The part of WebRTC's `RTCConfiguration` that says whom ICE asks. A connection may change it. */
export interface RtcConfiguration {
  iceServers: { urls: string[]; username?: string; credential?: string }[]
}

/** Whom ICE may ask. */
export interface RtcConfigurationInit {
  /** STUN servers, best first; asked for before each connection. @default none */
  readonly stunServers?: () => readonly { readonly address: DatagramAddress }[]
  /** TURN servers of your own, 2 at most: what goes through one, it pays for. @default [] */
  readonly turnServers?: readonly TurnServer[]
}

/**
 * What `webRTC({ rtcConfiguration })` of `@libp2p/webrtc` takes: a function that gives the servers as they are known when a
 * connection is made. Without any its list is empty and not left out: libp2p would ask servers of others then.
 *
 * @throws InvalidOptionError for a TURN server that cannot be one
 */
export function rtcConfiguration({ stunServers, turnServers = [] }: RtcConfigurationInit = {}): () => RtcConfiguration {
  checkTurnServers(turnServers)
  return () => ({
    iceServers: [
      ...oneFamily((stunServers?.() ?? []).map(({ address }) => address))
        .slice(0, MAX_ICE_STUN_SERVERS)
        .map(({ host, port }) => ({ urls: [`stun:${encodeURIComponent(host)}:${port}`] })),
      ...turnServers.map(({ url, username, credential }) => ({
        urls: [withoutBrackets(url)],
        // node-datachannel puts both into the URL, whose parts libdatachannel decodes
        username: encodeURIComponent(username),
        credential: encodeURIComponent(credential)
      }))
    ]
  })
}

/** Those of IPv4, where NATs are: of one taken at random, an IPv6 one would not tell where the NAT's hole is. */
function oneFamily(addresses: readonly DatagramAddress[]): readonly DatagramAddress[] {
  const ip4 = addresses.filter(({ host }) => !host.includes(':'))
  return ip4.length > 0 ? ip4 : addresses
}

/** libdatachannel throws for an IPv6 address in brackets, and takes one that is percent-encoded. */
function withoutBrackets(url: string): string {
  return url.replace(/\[(.*)\]/, (_, host: string) => encodeURIComponent(host))
}
