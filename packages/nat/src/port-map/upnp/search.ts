import { isPrivateIp } from '@libp2p/utils'
import { MAX_SSDP_LINES } from '../constants.ts'

/** The versions of an internet gateway that a search asks for, the newer first. */
export const GATEWAY_TYPES = [
  'urn:schemas-upnp-org:device:InternetGatewayDevice:2',
  'urn:schemas-upnp-org:device:InternetGatewayDevice:1'
] as const

/** The search for `type`, as UPnP devices hear it (UPnP Device Architecture 1.1 section 1.3.2). Pure. */
export function encodeSearch(type: string, host: string, port: number): Uint8Array {
  const lines = [
    'M-SEARCH * HTTP/1.1',
    `HOST: ${host}:${port}`,
    'MAN: "ssdp:discover"',
    // seconds within which devices answer at a time of their choice: the least there is
    'MX: 1',
    `ST: ${type}`,
    '',
    ''
  ]
  return new TextEncoder().encode(lines.join('\r\n'))
}

/**
 * Where an answer says that the description of the gateway is. `undefined` for any other datagram, and for a description
 * that is not on the device that answered: else anybody on the network could have this node fetch what they like. Pure.
 */
export function decodeSearchAnswer(bytes: Uint8Array, from: string): URL | undefined {
  const [status, ...headers] = new TextDecoder().decode(bytes).split(/\r?\n/, MAX_SSDP_LINES)
  const value = (name: string): string | undefined =>
    headers
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim()
  const type = value('st')
  const location = value('location')
  if (status?.startsWith('HTTP/1.1 200') !== true || !GATEWAY_TYPES.some((known) => known === type)) {
    return undefined
  }
  const url = location === undefined ? null : URL.parse(location)
  const isOwn = url?.protocol === 'http:' && url.hostname === from && isPrivateIp(from) === true
  return isOwn ? url : undefined
}
