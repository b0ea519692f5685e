import { InvalidMessageError } from '@p2pshare/interface'
import { GatewayRefusedError } from '../errors.ts'
import { textOf } from './description.ts'

const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/'

/** Results of WANIPConnection that callers act on. */
export const UPNP_RESULT = {
  noSuchEntry: 714,
  conflict: 718,
  onlyPermanentLeases: 725
} as const

/** The body of one action. Argument values are numbers, addresses and our own words. Pure. */
export function encodeAction(service: string, action: string, args: Readonly<Record<string, string | number>>): string {
  const fields = Object.entries(args).map(([name, value]) => `<${name}>${escape(String(value))}</${name}>`)
  return (
    `<?xml version="1.0"?><s:Envelope xmlns:s="${ENVELOPE}" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">` +
    `<s:Body><u:${action} xmlns:u="${service}">${fields.join('')}</u:${action}></s:Body></s:Envelope>`
  )
}

/**
 * The value of `field` in the answer to an action; an empty text when no field is asked for. Pure.
 *
 * @throws GatewayRefusedError with the code of UPnP when the gateway said no
 * @throws InvalidMessageError when it says neither
 */
export function decodeAnswer(body: string, action: string, field?: string): string {
  if (body.includes(`${action}Response`)) {
    const value = field === undefined ? '' : textOf(body, field)
    if (value !== undefined) {
      return value
    }
  }
  const code = Number(textOf(body, 'errorCode'))
  if (Number.isInteger(code)) {
    throw new GatewayRefusedError('UPnP', code, printable(textOf(body, 'errorDescription') ?? action))
  }
  throw new InvalidMessageError(`UPnP: no answer to ${action}`)
}

/** What a device sends may end up in front of a person; a description is a few words, however long the answer is. */
function printable(text: string): string {
  return text
    .slice(0, 1000)
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, 100)
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
