import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A UPnP gateway on loopback: a search that is answered by unicast, a description, and a control point. */
export interface FakeIgd {
  readonly ssdpPort: number
  /** `TCP:4001` to `client:port`. */
  readonly mappings: Map<string, string>
  /** Names of the actions it was asked for. */
  readonly actions: string[]
  externalIp: string
  /** Results by which the next AddPortMapping questions are refused, one each. */
  readonly refusals: number[]
  close(): Promise<void>
}

export async function createFakeIgd(version: 1 | 2): Promise<FakeIgd> {
  const service = `urn:schemas-upnp-org:service:WANIPConnection:${version}`
  const device = `urn:schemas-upnp-org:device:InternetGatewayDevice:${version}`
  const http = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const [status, text] = request.method === 'GET' ? [200, describe(device, service)] : act(igd, service, body)
      response.writeHead(status, { 'content-type': 'text/xml' }).end(text)
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  const ssdp = createSocket('udp4')
  await new Promise<void>((resolve) => ssdp.bind(0, '127.0.0.1', resolve))
  ssdp.on('message', (search, from) => {
    if (search.toString().includes(`ST: ${device}`)) {
      const lines = ['HTTP/1.1 200 OK', `ST: ${device}`, `LOCATION: http://127.0.0.1:${port}/rootDesc.xml`, '', '']
      ssdp.send(lines.join('\r\n'), from.port, from.address)
    }
  })
  const igd: FakeIgd = {
    ssdpPort: ssdp.address().port,
    mappings: new Map(),
    actions: [],
    externalIp: '5.5.1.1',
    refusals: [],
    close: async () => {
      http.closeAllConnections()
      await Promise.all([
        new Promise<void>((resolve) => ssdp.close(() => resolve())),
        new Promise((resolve) => http.close(resolve))
      ])
    }
  }
  return igd
}

function describe(device: string, service: string): string {
  return `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceType>${device}</deviceType>
<serviceList><service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType>
<controlURL>/ctl/L3F</controlURL></service></serviceList><deviceList><device><deviceList><device><serviceList>
<service><serviceType>${service}</serviceType><controlURL>/ctl/IPConn</controlURL></service>
</serviceList></device></deviceList></device></deviceList></device></root>`
}

function act(igd: FakeIgd, service: string, body: string): [number, string] {
  const action = /<u:(\w+) /.exec(body)?.[1] ?? ''
  const field = (name: string): string => new RegExp(`<${name}>([^<]*)<`).exec(body)?.[1] ?? ''
  const key = `${field('NewProtocol')}:${field('NewExternalPort')}`
  const ok = (fields = ''): [number, string] => [
    200,
    `<s:Envelope><s:Body><u:${action}Response xmlns:u="${service}">${fields}</u:${action}Response></s:Body></s:Envelope>`
  ]
  const fault = (code: number): [number, string] => [
    500,
    `<s:Envelope><s:Body><s:Fault><detail><UPnPError><errorCode>${code}</errorCode>` +
      `<errorDescription>refused</errorDescription></UPnPError></detail></s:Fault></s:Body></s:Envelope>`
  ]
  igd.actions.push(action)
  switch (action) {
    case 'GetExternalIPAddress':
      return ok(`<NewExternalIPAddress>${igd.externalIp}</NewExternalIPAddress>`)
    case 'AddAnyPortMapping':
    case 'AddPortMapping': {
      const refusal = igd.refusals.shift()
      if (refusal !== undefined) {
        return fault(refusal)
      }
      igd.mappings.set(key, `${field('NewInternalClient')}:${field('NewInternalPort')}`)
      return ok(action === 'AddPortMapping' ? '' : `<NewReservedPort>${field('NewExternalPort')}</NewReservedPort>`)
    }
    case 'DeletePortMapping':
      return igd.mappings.delete(key) ? ok() : fault(714)
    case 'GetSpecificPortMappingEntry': {
      const [client, port] = igd.mappings.get(key)?.split(':') ?? []
      return client === undefined
        ? fault(714)
        : ok(`<NewInternalPort>${port}</NewInternalPort><NewInternalClient>${client}</NewInternalClient>`)
    }
    default:
      return fault(401)
  }
}
