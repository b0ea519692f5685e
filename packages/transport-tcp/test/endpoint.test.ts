import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { isTcpAddress, peerIdIn, toMultiaddr, toTarget } from '../src/endpoint.ts'
import { peerNamed } from './support/peers.ts'

const peer = await peerNamed('somebody')

test.each([
  ['/ip4/192.0.2.1/tcp/4001', true],
  [`/ip4/192.0.2.1/tcp/4001/p2p/${peer}`, true],
  ['/ip6/2001:db8::1/tcp/0', true],
  [`/dns4/example.com/tcp/4001/p2p/${peer}`, true],
  ['/dns6/example.com/tcp/4001', true],
  ['/dns/example.com/tcp/4001', true],
  ['/unix/%2Ftmp%2Fs', true],
  ['/ip4/192.0.2.1/udp/4001/quic-v1', false],
  ['/ip4/192.0.2.1/tcp/4001/ws', false],
  ['/ip4/192.0.2.1/tcp/4001/tls/ws', false],
  ['/ip4/192.0.2.1', false],
  [`/ip4/192.0.2.1/tcp/4001/p2p/${peer}/p2p-circuit`, false],
  [`/ip4/192.0.2.1/tcp/4001/p2p/${peer}/p2p-circuit/p2p/${peer}`, false],
  [`/p2p/${peer}`, false],
  ['/memory/a', false]
])('%s: %s', (text, expected) => {
  expect(isTcpAddress(multiaddr(text))).toBe(expected)
})

test.each([
  ['/ip4/192.0.2.1/tcp/4001', { kind: 'ip', family: 4, host: '192.0.2.1', port: 4001, text: '192.0.2.1:4001' }],
  ['/ip6/2001:db8::1/tcp/1', { kind: 'ip', family: 6, host: '2001:db8::1', port: 1, text: '[2001:db8::1]:1' }],
  ['/ip6zone/eth0/ip6/fe80::1/tcp/1', { kind: 'ip', family: 6, host: 'fe80::1%eth0', port: 1 }],
  ['/dns/example.com/tcp/1', { kind: 'name', family: 0, host: 'example.com', port: 1 }],
  ['/dns4/example.com/tcp/1', { kind: 'name', family: 4 }],
  ['/dns6/example.com/tcp/1', { kind: 'name', family: 6 }],
  ['/unix/%2Ftmp%2Fs', { kind: 'unix', path: '/tmp/s' }]
])('%s names an endpoint', (text, expected) => {
  expect(toTarget(multiaddr(text))).toMatchObject(expected)
})

test('an address of something else is refused by name', () => {
  expect(() => toTarget(multiaddr('/ip4/192.0.2.1/udp/4001'))).toThrow(
    expect.objectContaining({ name: 'NotATcpAddressError', code: 'ERR_NOT_A_TCP_ADDRESS' })
  )
})

test.each([
  ['192.0.2.1', '/ip4/192.0.2.1/tcp/7'],
  ['2001:db8::1', '/ip6/2001:db8::1/tcp/7'],
  ['fe80::1%eth0', '/ip6zone/eth0/ip6/fe80::1/tcp/7']
])('the other end at %s is %s', (ip, expected) => {
  expect(toMultiaddr(ip, 7).toString()).toBe(expected)
})

test('the peer id of an address is its last one', () => {
  expect(peerIdIn(multiaddr(`/ip4/192.0.2.1/tcp/1/p2p/${peer}`))).toBe(peer)
  expect(peerIdIn(multiaddr('/ip4/192.0.2.1/tcp/1'))).toBeUndefined()
})
