import { isIPv6 } from 'node:net'
import { InvalidOptionError } from '@p2pshare/interface'
import { MAX_TURN_SERVERS, MAX_TURN_TEXT_BYTES } from './constants.ts'

/** A TURN server and what it is told. Both texts are secrets: they are in no log and no error. */
export interface TurnServer {
  /**
   * `turn:<host>[:<port>][?transport=udp|tcp]`, or with `turns:`. The library that Node has for WebRTC uses UDP alone: others
   * are passed on, and not used there.
   */
  readonly url: string
  readonly username: string
  readonly credential: string
}

/** Of a host name, in labels; an IPv6 address in brackets is looked at by itself. */
const TURN_URL =
  /^turns?:(?:(?<name>[a-zA-Z\d](?:[a-zA-Z\d.-]{0,251}[a-zA-Z\d])?)|\[(?<ip6>[\da-fA-F:.]{2,45})\])(?::(?<port>\d{1,5}))?(?:\?transport=(?:udp|tcp))?$/u

/**
 * Throws `InvalidOptionError`, which says what is wrong without the value: a URL may have a password in it. libdatachannel
 * would put it into its error, and libp2p that into the log.
 */
export function checkTurnServers(servers: readonly TurnServer[]): void {
  if (servers.length > MAX_TURN_SERVERS) {
    throw new InvalidOptionError('turnServers', `${servers.length} are more than ${MAX_TURN_SERVERS}`)
  }
  for (const [at, { url, username, credential }] of servers.entries()) {
    const option = `turnServers[${at}]`
    if (!isTurnUrl(url)) {
      throw new InvalidOptionError(
        `${option}.url`,
        'is not turn:<host>[:<port>][?transport=udp|tcp], or that with turns:'
      )
    }
    for (const [name, text] of Object.entries({ username, credential })) {
      if (!isTurnText(text)) {
        throw new InvalidOptionError(`${option}.${name}`, `is not a text of 1 to ${MAX_TURN_TEXT_BYTES} bytes`)
      }
    }
  }
}

function isTurnUrl(url: unknown): boolean {
  const { name, ip6, port } = (typeof url === 'string' ? TURN_URL.exec(url)?.groups : undefined) ?? {}
  const isPort = port === undefined || (Number(port) > 0 && Number(port) < 65_536)
  return isPort && (name !== undefined || (ip6 !== undefined && isIPv6(ip6)))
}

function isTurnText(text: unknown): boolean {
  return (
    typeof text === 'string' &&
    text.isWellFormed() &&
    !/\p{Cc}/u.test(text) &&
    text.length > 0 &&
    Buffer.byteLength(text) <= MAX_TURN_TEXT_BYTES
  )
}
