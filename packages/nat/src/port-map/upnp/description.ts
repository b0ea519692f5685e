import { InvalidMessageError } from '@p2pshare/interface'

/** Services that map ports, the best first. Version 2 chooses a free outside port itself. */
const SERVICES = [
  'urn:schemas-upnp-org:service:WANIPConnection:2',
  'urn:schemas-upnp-org:service:WANIPConnection:1',
  'urn:schemas-upnp-org:service:WANPPPConnection:1'
] as const

const OPEN = '<service>'
const CLOSE = '</service>'

/** Where and by which name a gateway takes questions. */
export interface UpnpControl {
  readonly url: URL
  readonly service: string
}

/**
 * The control point in the description of a gateway. It looks at services only, which have no nested parts, so that no XML
 * parser is fed with what any device on the network sends. Pure.
 *
 * @throws InvalidMessageError when there is none, or it is on another host
 */
export function findControl(description: string, location: URL): UpnpControl {
  const found = new Map<string, string>()
  for (const body of servicesOf(description)) {
    const type = textOf(body, 'serviceType')
    const path = textOf(body, 'controlURL')
    if (type !== undefined && path !== undefined) {
      found.set(type, path)
    }
  }
  const service = SERVICES.find((type) => found.has(type))
  const path = service === undefined ? undefined : found.get(service)
  if (service === undefined || path === undefined) {
    throw new InvalidMessageError('UPnP: a gateway without a service that maps ports')
  }
  const url = URL.parse(path, textOf(description, 'URLBase') ?? location.href)
  if (url?.protocol !== 'http:' || url.hostname !== location.hostname) {
    throw new InvalidMessageError('UPnP: the control point is on another host')
  }
  return { url, service }
}

/** What is inside of each `<service>`, in one pass: a pattern would look for the end again from every beginning. */
function* servicesOf(description: string): Generator<string> {
  for (let end = 0; ;) {
    const start = description.indexOf(OPEN, end)
    end = description.indexOf(CLOSE, start + OPEN.length)
    if (start < 0 || end < 0) {
      return
    }
    yield description.slice(start + OPEN.length, end)
  }
}

/** The text of the first element of that name, whatever its namespace, with the five entities resolved. Pure. */
export function textOf(xml: string, name: string): string | undefined {
  const match = new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^<>]*)?>([^<]*)<`).exec(xml)
  return match?.[1]
    ?.trim()
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
}
