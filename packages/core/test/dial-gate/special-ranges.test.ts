import { expect, test } from 'vitest'
import { classifyAddress, specialBlock } from '../../src/dial-gate/special-ranges.ts'

test.each([
  ['8.8.8.8', 'public'],
  ['2606:4700::1111', 'public'],
  ['127.0.0.1', 'loopback'],
  ['::1', 'loopback'],
  ['10.0.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.0', 'public'],
  ['192.168.1.1', 'private'],
  ['fd12::1', 'private'],
  ['100.64.0.1', 'carrier'],
  ['100.128.0.0', 'public'],
  ['169.254.1.1', 'link-local'],
  ['fe80::1', 'link-local'],
  ['169.254.169.254', 'metadata'],
  ['fd00:ec2::254', 'metadata'],
  ['168.63.129.16', 'metadata'],
  ['224.0.0.251', 'multicast'],
  ['ff02::fb', 'multicast'],
  ['0.0.0.0', 'nobody'],
  ['255.255.255.255', 'nobody'],
  ['::', 'nobody'],
  ['::ffff:8.8.8.8', 'translated'],
  ['::ffff:7f00:1', 'translated'],
  ['::7f00:1', 'translated'],
  ['64:ff9b::a00:1', 'translated'],
  ['2002:7f00:1::1', 'translated'],
  ['2001:0:1234::1', 'translated'],
  ['198.18.0.1', 'reserved'],
  ['240.0.0.1', 'reserved'],
  ['2001:db8::1', 'reserved'],
  ['4000::1', 'reserved']
])('%s is %s', (host, kind) => {
  expect(classifyAddress(host)).toBe(kind)
})

test('the block of an address is named, and a public one is in none', () => {
  expect(specialBlock('172.20.3.4')).toBe('172.16.0.0/12')
  expect(specialBlock('1.1.1.1')).toBeUndefined()
})
