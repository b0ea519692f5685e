import { expect, test } from 'vitest'
import { judge } from '../../src/probe/verdict.ts'
import type { ProbeFindings, Seen } from '../../src/probe/verdict.ts'

const local: Seen = { address: '192.168.1.2', port: 5000 }
const at = (port: number): Seen => ({ address: '5.5.1.1', port })
const findings = (change: Partial<ProbeFindings>): ProbeFindings => ({
  ...{ local, seen: [at(5000), at(5000), at(5000)], fromOtherPort: false, fromOtherAddress: false },
  ...{ fresh: [{ local: 6000, outside: 6000 }], unsolicitedTcp: 'dropped' },
  ...change
})

test.each<[string, ProbeFindings['seen'], string]>([
  ['the own address', [local, local, local], 'none'],
  ['one outside port', [at(5000), at(5000), at(5000)], 'endpoint-independent'],
  ['another port for another address', [at(1), at(1), at(2)], 'address-dependent'],
  ['a new port each time', [at(1), at(2), at(3)], 'address-and-port-dependent'],
  ['answers that got lost', [at(1), null, null], 'address-and-port-dependent']
])('mapping by %s', (_, seen, mapping) => {
  expect(judge('a', 4, findings({ seen })).mapping).toBe(mapping)
})

test.each([
  [false, false, 'address-and-port-dependent'],
  [true, false, 'address-dependent'],
  [true, true, 'endpoint-independent'],
  [false, true, 'endpoint-independent']
])('other port %s, other address %s: filtering is %s', (fromOtherPort, fromOtherAddress, filtering) => {
  expect(judge('a', 4, findings({ fromOtherPort, fromOtherAddress })).filtering).toBe(filtering)
})

test('without an answer there is nothing to say', () => {
  expect(judge('a', 4, findings({ seen: [null, null, null] }))).toEqual({ host: 'a', family: 4, udp: false })
})

test('one socket that changed its port is enough', () => {
  expect(judge('a', 4, findings({})).preservesPorts).toBe(true)
  expect(judge('a', 4, findings({ fresh: [{ local: 6000, outside: 6001 }] })).preservesPorts).toBe(false)
})
