import { expect, test } from 'vitest'
import { MAX_GATEWAYS } from '../../src/port-map/constants.ts'
import { guessLinks, internalAddresses, linksTo, parseRoutes } from '../../src/port-map/gateways.ts'

const TABLE = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
tun0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0
`

test('the default gateways of Linux are read by metric; routes without a gateway are none', () => {
  expect(parseRoutes(TABLE)).toEqual(['10.0.0.1', '192.168.1.1'])
  expect(parseRoutes('')).toEqual([])
  expect(parseRoutes('eth0 00000000 zz 0003 0 0 0 00000000')).toEqual([])
})

test('a gateway goes with the address this node has in its network', () => {
  const own = [
    { address: '172.17.0.1', prefix: 16 },
    { address: '192.168.1.7', prefix: 24 }
  ]
  expect(linksTo(['10.0.0.1', '192.168.1.1'], own)).toEqual([
    { gateway: '192.168.1.1', internalIp: '192.168.1.7', isCertain: true }
  ])
})

test('where the system tells no gateway it is guessed to be the first address', () => {
  const own = [
    { address: '192.168.1.7', prefix: 24 },
    { address: '10.0.0.1', prefix: 8 }
  ]
  expect(guessLinks(own)).toEqual([{ gateway: '192.168.1.1', internalIp: '192.168.1.7', isCertain: false }])
})

test('only private addresses that others can reach are mapped', () => {
  const common = { netmask: '', mac: '', scopeid: 0 }
  const infos = [
    { ...common, family: 'IPv4' as const, address: '127.0.0.1', internal: true, cidr: '127.0.0.1/8' },
    { ...common, family: 'IPv4' as const, address: '5.5.1.1', internal: false, cidr: '5.5.1.1/24' },
    { ...common, family: 'IPv4' as const, address: '192.168.1.7', internal: false, cidr: '192.168.1.7/24' },
    { ...common, family: 'IPv6' as const, address: 'fd00::1', internal: false, cidr: 'fd00::1/64' }
  ]
  expect(internalAddresses(infos)).toEqual([{ address: '192.168.1.7', prefix: 24 }])
})

test('as many gateways are asked as the bound, told or guessed', () => {
  const own = Array.from({ length: MAX_GATEWAYS + 1 }, (_, n) => ({ address: `10.0.${n}.7`, prefix: 24 }))
  const told = own.map((_, n) => `10.0.${n}.1`)
  expect(linksTo(told.slice(1), own)).toHaveLength(MAX_GATEWAYS)
  expect(linksTo(told, own)).toEqual(linksTo(told.slice(0, MAX_GATEWAYS), own))
  expect(guessLinks(own.slice(1))).toHaveLength(MAX_GATEWAYS)
  expect(guessLinks(own)).toEqual(guessLinks(own.slice(0, MAX_GATEWAYS)))
})
