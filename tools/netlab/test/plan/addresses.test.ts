import { isIP, isIPv6 } from 'node:net'
import { expect, test } from 'vitest'
import { EXTRA_SERVERS } from '../../src/options.ts'
import { MAX_GENERATION, portMac, relayAddresses, serverAddresses, sideAddresses } from '../../src/plan/addresses.ts'

test('a and b have the addresses that the documents name', () => {
  const a = sideAddresses(1, 0)
  expect(a.publicIpv4).toBe('5.5.1.1')
  expect(a.lan).toEqual({ router: '192.168.1.1', hosts: ['192.168.1.2', '192.168.1.3'] })
  expect(sideAddresses(2, 0).publicIpv4).toBe('5.5.2.1')
  expect(relayAddresses(0).ipv4).toEqual(['5.5.0.10', '5.5.0.11'])
})

test('no two hosts share an address, and every address is one', () => {
  const sides = Array.from({ length: 20 }, (_, at) => sideAddresses(at + 1, 0))
  const all = [
    ...sides.flatMap((side) => [side.publicIpv4, side.wanIpv6, ...side.lanIpv6.hosts, side.lanIpv6.router]),
    ...[0, 1, 2, 3].flatMap((at) => [...relayAddresses(at).ipv4, ...relayAddresses(at).ipv6]),
    ...EXTRA_SERVERS.flatMap((address) => [...serverAddresses(address).ipv4, ...serverAddresses(address).ipv6])
  ]
  expect(all.every((address) => isIP(address) !== 0)).toBe(true)
  expect(new Set(all).size).toBe(all.length)
})

test('IPv6 addresses are written as programs print them', () => {
  const all = [sideAddresses(1, 0), sideAddresses(20, MAX_GENERATION)].flatMap(({ wanIpv6, lanIpv6 }) => [
    wanIpv6,
    lanIpv6.router,
    ...lanIpv6.hosts
  ])
  for (const address of [...all, ...relayAddresses(3).ipv6, ...serverAddresses('12.0.0.50').ipv6]) {
    expect(isIPv6(address)).toBe(true)
    expect(new URL(`http://[${address}]`).hostname).toBe(`[${address}]`)
  }
})

test('a change of address stays within what the switch sends to that side', () => {
  const [first, last] = [sideAddresses(7, 0), sideAddresses(7, MAX_GENERATION)]
  expect(last.publicIpv4).toBe('5.5.7.254')
  expect(last.publicIpv4).not.toBe(first.publicIpv4)
  expect(last.lanIpv6.router).not.toBe(first.lanIpv6.router)
  expect(last.routesIpv4).toEqual(first.routesIpv4)
  expect(last.routesIpv6).toEqual(first.routesIpv6)
  expect(last.lan).toEqual(first.lan)
})

test('the four relays are in different /8 networks', () => {
  expect(new Set([0, 1, 2, 3].map((at) => relayAddresses(at).ipv4[0]?.split('.')[0])).size).toBe(4)
})

test('what is plugged into the switch has a MAC of its own', () => {
  expect(portMac(0)).toBe('02:4e:4c:00:01:00')
  expect(portMac(63)).toBe('02:4e:4c:00:01:3f')
})
