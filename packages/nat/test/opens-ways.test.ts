import { expect, test } from 'vitest'
import { opensWays } from '../src/opens-ways.ts'
import type { NatClass } from '../src/types.ts'

const EASY: NatClass = {
  family: 4,
  udp: true,
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  outside: { host: '5.5.1.1', port: 4001 }
}

test('the first finding opens ways, and the same again does not', () => {
  expect(opensWays(undefined, EASY)).toBe(true)
  expect(opensWays(EASY, { ...EASY })).toBe(false)
})

test('another class, a pool or a TCP port that becomes known open ways', () => {
  const tcpOutside = { host: '5.5.1.1', port: 4002, localPort: 4002 }
  expect(opensWays(EASY, { ...EASY, mapping: 'address-and-port-dependent' })).toBe(true)
  expect(opensWays(EASY, { ...EASY, filtering: 'endpoint-independent' })).toBe(true)
  expect(opensWays(EASY, { family: 4, udp: false })).toBe(true)
  expect(opensWays(EASY, { ...EASY, pool: { low: 1, high: 64 } })).toBe(true)
  expect(opensWays({ family: 4, udp: true }, { family: 4, udp: true, outside: { host: '5.5.1.1', port: 1 } })).toBe(
    true
  )
  expect(opensWays(EASY, { ...EASY, tcpOutside })).toBe(true)
})

test('other ports, or less than was known, open none', () => {
  const tcpOutside = { host: '5.5.1.1', port: 4002, localPort: 4002 }
  expect(opensWays(EASY, { ...EASY, outside: { host: '5.5.1.1', port: 9 } })).toBe(false)
  expect(opensWays({ ...EASY, tcpOutside }, EASY)).toBe(false)
  expect(opensWays({ ...EASY, tcpOutside }, { ...EASY, tcpOutside: { ...tcpOutside, port: 9 } })).toBe(false)
})
