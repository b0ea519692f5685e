import { InvalidMessageError } from '@p2pshare/interface'
import { isIPv4 } from 'node:net'
import { MAX_UPNP_PORTS } from '../constants.ts'
import { GatewayRefusedError } from '../errors.ts'
import { grantedMs, toSeconds } from '../lifetime.ts'
import type { GatewayClient, GatewayState, MapProtocol, MapRequest, Mapped } from '../types.ts'
import { findControl } from './description.ts'
import type { UpnpControl } from './description.ts'
import { findUpnpGateway } from './find-gateway.ts'
import type { UpnpSearch } from './find-gateway.ts'
import { fetchText } from './http.ts'
import { decodeAnswer, encodeAction, UPNP_RESULT } from './soap.ts'

/** What the list of mappings in the router's pages calls ours. */
const DESCRIPTION = 'P2PShare'

/** Ports that need no privilege, where nothing has a name. */
const FREE_PORTS = { low: 49_152, count: 16_384 } as const

type Fields = Readonly<Record<string, string | number>>

/** UPnP IGD, version 1 or 2, with one gateway. `random` is from 0 to below 1. */
export class UpnpClient implements GatewayClient {
  readonly method = 'upnp'
  readonly #search: UpnpSearch
  readonly #random: () => number
  #control: UpnpControl | undefined

  constructor(search: UpnpSearch, random: () => number) {
    this.#search = search
    this.#random = random
  }

  async probe(signal: AbortSignal): Promise<GatewayState> {
    if (this.#control === undefined) {
      const location = await findUpnpGateway(this.#search, signal)
      this.#control = findControl(await fetchText(location, { signal }), location)
    }
    try {
      return { externalIp: await this.#externalIp(signal) }
    } catch (error) {
      // it may have come back at another port: search it anew the next time
      this.#control = undefined
      throw error
    }
  }

  async map(request: MapRequest, signal: AbortSignal): Promise<Mapped> {
    const lifetimeSeconds = toSeconds(request.lifetimeMs)
    const [externalPort, externalIp] = await Promise.all([
      this.#add(request, lifetimeSeconds, signal),
      this.#externalIp(signal)
    ])
    return { externalIp, externalPort, lifetimeMs: grantedMs(lifetimeSeconds) }
  }

  async unmap({ protocol }: MapRequest, externalPort: number, signal: AbortSignal): Promise<void> {
    await this.#run('DeletePortMapping', entryOf(protocol, externalPort), signal)
  }

  async holds(protocol: MapProtocol, externalPort: number, signal: AbortSignal): Promise<boolean> {
    try {
      const client = await this.#run(
        'GetSpecificPortMappingEntry',
        entryOf(protocol, externalPort),
        signal,
        'NewInternalClient'
      )
      return client === this.#search.internalIp
    } catch (error) {
      if (error instanceof GatewayRefusedError && error.result === UPNP_RESULT.noSuchEntry) {
        return false
      }
      throw error
    }
  }

  async #add(request: MapRequest, lifetimeSeconds: number, signal: AbortSignal): Promise<number> {
    const add = async (action: string, port: number, seconds: number, field?: string): Promise<string> => {
      const fields = {
        ...entryOf(request.protocol, port),
        NewInternalPort: request.internalPort,
        NewInternalClient: request.internalIp,
        NewEnabled: 1,
        NewPortMappingDescription: DESCRIPTION,
        NewLeaseDuration: seconds
      }
      return this.#run(action, fields, signal, field)
    }
    if (this.#control?.service.endsWith('WANIPConnection:2') === true) {
      const port = Number(await add('AddAnyPortMapping', request.suggestedPort, lifetimeSeconds, 'NewReservedPort'))
      if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        throw new InvalidMessageError('UPnP: a mapping without a port')
      }
      return port
    }
    let seconds = lifetimeSeconds
    let port = request.suggestedPort
    for (let tries = 1; ; tries++) {
      try {
        await add('AddPortMapping', port, seconds)
        return port
      } catch (error) {
        const result = error instanceof GatewayRefusedError ? error.result : undefined
        if (tries >= MAX_UPNP_PORTS) {
          throw error
        }
        if (result === UPNP_RESULT.onlyPermanentLeases && seconds !== 0) {
          seconds = 0
        } else if (result === UPNP_RESULT.conflict) {
          port = FREE_PORTS.low + Math.floor(this.#random() * FREE_PORTS.count)
        } else {
          throw error
        }
      }
    }
  }

  async #externalIp(signal: AbortSignal): Promise<string> {
    const ip = await this.#run('GetExternalIPAddress', {}, signal, 'NewExternalIPAddress')
    if (!isIPv4(ip)) {
      throw new InvalidMessageError('UPnP: no outside address')
    }
    return ip
  }

  async #run(action: string, fields: Fields, signal: AbortSignal, field?: string): Promise<string> {
    if (this.#control === undefined) {
      throw new InvalidMessageError('UPnP: no gateway found')
    }
    const { url, service } = this.#control
    const body = await fetchText(url, {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset="utf-8"', soapaction: `"${service}#${action}"` },
      body: encodeAction(service, action, fields),
      signal
    })
    return decodeAnswer(body, action, field)
  }
}

function entryOf(protocol: MapProtocol, externalPort: number): Fields {
  return { NewRemoteHost: '', NewExternalPort: externalPort, NewProtocol: protocol.toUpperCase() }
}
