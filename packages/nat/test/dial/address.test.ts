import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { groupOf, transportClass } from '../../src/dial/address-class.ts'
import { sortAddresses } from '../../src/dial/address-sorter.ts'
import { RELAY_DELAY_MS, SAME_RELAY_DELAY_MS, STAGGER_MS } from '../../src/dial/constants.ts'
import { planDials } from '../../src/dial/plan-dials.ts'

const RELAY = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const lan = '/ip4/192.168.1.7/tcp/4001'
const self = '/ip4/127.0.0.1/tcp/4001'
const ip6 = '/ip6/2a01:4f8::7/tcp/4001'
const ip4 = '/ip4/5.5.1.7/tcp/4001'
const udx = '/ip4/5.5.1.7/udp/4001/utp'
const quic = '/ip4/5.5.1.7/udp/4001/quic-v1'
const circuit = `/ip4/192.168.1.9/tcp/4001/p2p/${RELAY}/p2p-circuit`

test.each([
  [lan, 'lan', undefined],
  [self, 'lan', undefined],
  ['/ip4/100.64.1.7/tcp/4001', 'ip4-tcp', 'tcp4'],
  ['/ip6/fe80::7/tcp/4001', 'lan', undefined],
  [ip6, 'ip6', 'tcp6'],
  ['/ip6/2a01:4f8::7/udp/4001/utp', 'ip6', 'utp6'],
  [ip4, 'ip4-tcp', 'tcp4'],
  [udx, 'udx', 'utp4'],
  [quic, 'other', 'quic-v14'],
  ['/ip4/5.5.1.7/tcp/443/wss', 'other', 'wss4'],
  ['/dns4/example.org/tcp/4001', 'ip4-tcp', 'tcp4'],
  ['/dns/example.org/tcp/4001', 'ip4-tcp', undefined],
  [circuit, 'relay', undefined]
])('%s is dialled as %s, and watched as %s', (address, group, watched) => {
  expect(groupOf(multiaddr(address))).toBe(group)
  expect(transportClass(multiaddr(address))).toBe(watched)
})

test('addresses are dialled from the nearest to the relay', () => {
  const sorted = [circuit, quic, udx, ip4, ip6, self, lan]
    .map((address) => ({ multiaddr: multiaddr(address), isCertified: false }))
    .sort(sortAddresses)
    .map((address) => address.multiaddr.toString())
  expect(sorted).toEqual([lan, self, ip6, ip4, udx, quic, circuit])
})

test('a certified address comes before one that somebody told', () => {
  const told = { multiaddr: multiaddr('/ip4/5.5.1.8/tcp/1'), isCertified: false }
  const certified = { multiaddr: multiaddr(ip4), isCertified: true }
  expect([told, certified].sort(sortAddresses)).toEqual([certified, told])
})

test('one address starts after the other, a relay a little after the first public one', () => {
  const plan = planDials(
    [ip6, ip4, circuit].map((address) => multiaddr(address)),
    new Set()
  )
  expect(plan.map(({ atMs }) => atMs)).toEqual([0, STAGGER_MS, RELAY_DELAY_MS])
})

test('a relay that is all there is starts at once', () => {
  expect(planDials([multiaddr('/ip4/192.168.1.7/tcp/1'), multiaddr(circuit)], new Set())).toEqual([
    { address: multiaddr('/ip4/192.168.1.7/tcp/1'), atMs: 0 },
    { address: multiaddr(circuit), atMs: 0 }
  ])
  expect(planDials([multiaddr(circuit)], new Set())).toEqual([{ address: multiaddr(circuit), atMs: 0 }])
})

test('a second address of the same relay waits for the first, another relay does not', () => {
  const other = circuit.replace(RELAY, '12D3KooWJRSrypvnpHgc6ZAgyCni4KcSmbV7uGRaMw5LgMKT18fq')
  const again = circuit.replace('192.168.1.9', '5.5.0.9')
  const plan = planDials(
    [circuit, again, other].map((address) => multiaddr(address)),
    new Set()
  )
  expect(plan.map(({ address, atMs }) => [address.toString(), atMs])).toEqual([
    [circuit, 0],
    [other, STAGGER_MS],
    [again, SAME_RELAY_DELAY_MS]
  ])
})

test('what is in a black hole starts after all others, the relay too', () => {
  const plan = planDials(
    [ip6, ip4, circuit].map((address) => multiaddr(address)),
    new Set(['tcp6'])
  )
  expect(plan.map(({ address }) => address.toString())).toEqual([ip4, circuit, ip6])
})
