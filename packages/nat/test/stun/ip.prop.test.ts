import { isIP } from 'node:net'
import { fc, test } from '@fast-check/vitest'
import { InvalidMessageError } from '@p2pshare/interface'
import { expect } from 'vitest'
import { canonicalIp, ipFromBytes, ipToBytes } from '../../src/stun/ip.ts'

const piece = fc.constantFrom(
  '0',
  '1',
  'ffff',
  'FFFF',
  'abcd',
  '12345',
  'g',
  ':',
  '::',
  ':::',
  '.',
  '1.2.3.4',
  '1.2.3.256',
  '%1'
)
const almost = fc
  .array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom('0:', 'ffff:', '1:', 'aB:') }, piece), { maxLength: 10 })
  .map((pieces) => pieces.join(''))

function isTaken(host: string): boolean {
  try {
    ipToBytes(host)
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidMessageError)
    return false
  }
}

test.prop([fc.oneof(fc.ipV6(), almost)], { numRuns: 100 })('takes the addresses that Node takes', (host) => {
  expect(isTaken(host)).toBe(isIP(host) !== 0 && !host.includes('%'))
})

test.prop([fc.ipV6()], { numRuns: 50 })('an address is the same one after its canonical form', (host) => {
  expect(ipToBytes(canonicalIp(host))).toEqual(ipToBytes(host))
})

test('the longest address is taken, and nothing longer', () => {
  const longest = 'ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255'
  expect(ipFromBytes(ipToBytes(longest))).toBe('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')
  expect(isTaken(`0${longest}`)).toBe(false)
  expect(isTaken('')).toBe(false)
})
