import { expect, test } from 'vitest'
import { decodeNatPmpResponse, encodeNatPmpAddress, encodeNatPmpMap } from '../../../src/port-map/wire/nat-pmp.ts'

test('questions have the bytes of RFC 6886, and times are in seconds', () => {
  const map = encodeNatPmpMap({ protocol: 'udp', internalPort: 4001, suggestedPort: 4002, lifetimeSeconds: 3600 })
  expect(Buffer.from(map).toString('hex')).toBe('00010000' + '0fa10fa2' + '00000e10')
  expect([...encodeNatPmpAddress()]).toEqual([0, 0])
})

test('the outside address is read', () => {
  expect(decodeNatPmpResponse(Buffer.from('00800000' + '000003e8' + '05050101', 'hex'))).toEqual({
    about: 'address',
    result: 0,
    epochSeconds: 1000,
    externalIp: '5.5.1.1'
  })
})

test('a mapping is read', () => {
  const bytes = Buffer.from('00820000' + '000003e8' + '0fa10fa2' + '00000e10', 'hex')
  expect(decodeNatPmpResponse(bytes).map).toEqual({ internalPort: 4001, externalPort: 4002, lifetimeSeconds: 3600 })
})

test('a refusal is read without what it has not', () => {
  expect(decodeNatPmpResponse(Buffer.from('00820002' + '000003e8', 'hex'))).toMatchObject({ about: 'tcp', result: 2 })
})

test.each([
  ['7 bytes', '00800000' + '000003'],
  ['17 bytes', '00820000' + '000003e8' + '0fa10fa2' + '00000e10' + '00'],
  ['an address that is cut', '00800000' + '000003e8' + '0505'],
  ['another version', '01800000' + '000003e8' + '05050101'],
  ['a question', '00000000' + '000003e8' + '05050101'],
  ['another opcode', '00830000' + '000003e8' + '05050101']
])('%s is no answer', (_, hex) => {
  expect(() => decodeNatPmpResponse(Buffer.from(hex, 'hex'))).toThrow('NAT-PMP')
})
