import { expect, test } from 'vitest'
import { MAX_PEERS } from '../src/constants.ts'
import { resolveTransportTcpOptions } from '../src/options.ts'

test('takes the bound and refuses one past it', () => {
  expect(resolveTransportTcpOptions({ maxPeers: MAX_PEERS }).maxPeers).toBe(MAX_PEERS)
  expect(() => resolveTransportTcpOptions({ maxPeers: MAX_PEERS + 1 })).toThrow('maxPeers')
})

test.each([0, -1, 1.5, Number.NaN])('refuses %s peers', (maxPeers) => {
  expect(() => resolveTransportTcpOptions({ maxPeers })).toThrow('maxPeers')
})
