import { expect, test } from 'vitest'
import { MAX_UPNP_BODY_BYTES } from '../../../src/port-map/constants.ts'
import { findControl, textOf } from '../../../src/port-map/upnp/description.ts'
import { decodeSearchAnswer, encodeSearch, GATEWAY_TYPES } from '../../../src/port-map/upnp/search.ts'
import { decodeAnswer, encodeAction } from '../../../src/port-map/upnp/soap.ts'

const [V2, V1] = GATEWAY_TYPES
const LOCATION = new URL('http://192.168.1.1:5000/rootDesc.xml')

function answer(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n'))
}

function service(type: string, path: string): string {
  return `<service>\n<serviceType>${type}</serviceType><serviceId>x</serviceId><controlURL>${path}</controlURL></service>`
}

test('a search is what UPnP devices hear', () => {
  const text = new TextDecoder().decode(encodeSearch(V2, '239.255.255.250', 1900))
  expect(text.split('\r\n').slice(0, 5)).toEqual([
    'M-SEARCH * HTTP/1.1',
    'HOST: 239.255.255.250:1900',
    'MAN: "ssdp:discover"',
    'MX: 1',
    `ST: ${V2}`
  ])
})

test('the place of the description is read, whatever the case of the headers', () => {
  const bytes = answer([`st: ${V1}`, 'Location: http://192.168.1.1:5000/rootDesc.xml'])
  expect(decodeSearchAnswer(bytes, '192.168.1.1')?.href).toBe(LOCATION.href)
})

test.each([
  ['of another device', [`ST: ${V1}`, 'LOCATION: http://192.168.1.9:5000/d.xml'], '192.168.1.1'],
  ['with a name', [`ST: ${V1}`, 'LOCATION: http://router.lan/d.xml'], '192.168.1.1'],
  ['outside', [`ST: ${V1}`, 'LOCATION: http://5.5.1.1/d.xml'], '5.5.1.1'],
  ['in a file', [`ST: ${V1}`, 'LOCATION: file:///etc/hosts'], '192.168.1.1'],
  ['of a printer', ['ST: urn:schemas-upnp-org:device:Printer:1', 'LOCATION: http://192.168.1.1/d.xml'], '192.168.1.1'],
  ['that is missing', [`ST: ${V1}`], '192.168.1.1']
])('a description %s is not fetched', (_, lines, from) => {
  expect(decodeSearchAnswer(answer(lines), from)).toBeUndefined()
})

test('the best service of a description is taken', () => {
  const description =
    service('urn:schemas-upnp-org:service:WANPPPConnection:1', '/ppp') +
    service('urn:schemas-upnp-org:service:WANIPConnection:2', '/ip2') +
    service('urn:schemas-upnp-org:service:WANIPConnection:1', '/ip1')
  expect(findControl(description, LOCATION).url.href).toBe('http://192.168.1.1:5000/ip2')
})

test('a control point on another host is not used', () => {
  const description = service('urn:schemas-upnp-org:service:WANIPConnection:1', 'http://5.5.1.1/ctl')
  expect(() => findControl(description, LOCATION)).toThrow('another host')
  const moved = `<URLBase>http://192.168.1.9/</URLBase>${service('urn:schemas-upnp-org:service:WANIPConnection:1', '/c')}`
  expect(() => findControl(moved, LOCATION)).toThrow('another host')
  expect(() => findControl('<root/>', LOCATION)).toThrow('without a service')
})

test('a description of services that do not end, as long as one may be, is read in one pass', () => {
  // took more than half a second when each was looked through to the end
  expect(() => findControl('<service>'.repeat(MAX_UPNP_BODY_BYTES / 9), LOCATION)).toThrow('without a service')
  expect(textOf('<URLBase '.repeat(MAX_UPNP_BODY_BYTES / 9), 'URLBase')).toBeUndefined()
})

test('an action has its fields in order, and its answer is read whatever the namespace', () => {
  const body = encodeAction('urn:x', 'AddPortMapping', { NewExternalPort: 4001, NewPortMappingDescription: 'a<b&c' })
  expect(body).toContain('<NewExternalPort>4001</NewExternalPort>')
  expect(body).toContain('a&lt;b&amp;c')
  const reply = '<m:GetExternalIPAddressResponse xmlns:m="x"><NewExternalIPAddress> 5.5.1.1 </NewExternalIPAddress>'
  expect(decodeAnswer(reply, 'GetExternalIPAddress', 'NewExternalIPAddress')).toBe('5.5.1.1')
})

test('a refusal has its code, and nothing that a terminal would act on', () => {
  const fault = '<errorCode>718</errorCode><errorDescription>\u001b[2JConflict</errorDescription>'
  expect(() => decodeAnswer(fault, 'AddPortMapping')).toThrow('UPnP: [2JConflict (718)')
  expect(() => decodeAnswer('<html>', 'AddPortMapping')).toThrow('no answer')
})

test('the text of an element has its entities resolved, once', () => {
  expect(textOf('<a:b c="d">x &amp;lt; y</a:b>', 'b')).toBe('x &lt; y')
  expect(textOf('<a/>', 'b')).toBeUndefined()
})
