import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LISTEN, NODE_INFO } from '../src/defaults.ts'
import { toLibp2pInit } from '../src/options.ts'

const source = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

test('the version that others are told is that of the package', () => {
  const { version } = JSON.parse(source('../package.json')) as { version: string }
  expect(NODE_INFO.version).toBe(version)
})

test('the documented listen addresses are the true ones', () => {
  expect(source('../src/options.ts')).toContain(`@default ['${LISTEN.join("', '")}']`)
  expect(toLibp2pInit({}, undefined).addresses?.listen).toEqual(LISTEN)
})

test('mDNS is on unless it is turned off, beside discovery of your own', () => {
  const mine = (): never => expect.fail('not started')
  expect(toLibp2pInit({}, undefined).peerDiscovery).toHaveLength(1)
  expect(toLibp2pInit({ mdns: false }, undefined).peerDiscovery).toEqual([])
  expect(toLibp2pInit({ peerDiscovery: [mine] }, undefined).peerDiscovery).toContain(mine)
})

test('lists take the place of ours, objects are laid over them', () => {
  const init = toLibp2pInit({ transports: [], connectionManager: { maxConnections: 7 } }, undefined)
  expect(init.transports).toEqual([])
  expect(init.connectionManager).toEqual({
    maxConnections: 7,
    inboundConnectionThreshold: 100,
    maxIncomingPendingConnections: 256
  })
})
