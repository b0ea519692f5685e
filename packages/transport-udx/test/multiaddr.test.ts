import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { isUdxAddress, toMultiaddr, toTarget } from '../src/multiaddr.ts'

const peer = '12D3KooWNRBp5GKTFv2iegrQmubFK5wbhakpcofZ3zSQMLE8dP3R'

test.each(['/ip4/192.0.2.1/udp/4001/utp', '/ip6/2001:db8::1/udp/4001/utp', `/ip4/192.0.2.1/udp/4001/utp/p2p/${peer}`])(
  '%s is ours',
  (text) => {
    expect(isUdxAddress(multiaddr(text))).toBe(true)
  }
)

test.each([
  '/ip4/192.0.2.1/udp/4001',
  '/ip4/192.0.2.1/tcp/4001',
  '/ip4/192.0.2.1/udp/4001/quic-v1',
  '/ip4/192.0.2.1/udp/4001/utp/ws',
  '/dns4/example.org/udp/4001/utp',
  `/ip4/192.0.2.1/udp/4001/utp/p2p/${peer}/p2p-circuit`
])('%s is not', (text) => {
  expect(isUdxAddress(multiaddr(text))).toBe(false)
  expect(() => toTarget(multiaddr(text))).toThrow(expect.objectContaining({ code: 'ERR_NOT_A_UDX_ADDRESS' }))
})

test('an address is read as the system writes it', () => {
  expect(toTarget(multiaddr('/ip6/2001:0db8:0:0::0001/udp/7/utp'))).toEqual({ host: '2001:db8::1', port: 7, family: 6 })
  expect(toMultiaddr({ host: '192.0.2.1', port: 7 }).toString()).toBe('/ip4/192.0.2.1/udp/7/utp')
  expect(toMultiaddr({ host: '::1', port: 7 }).toString()).toBe('/ip6/::1/udp/7/utp')
})
