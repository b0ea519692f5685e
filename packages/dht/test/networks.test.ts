import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { AMINO_PROTOCOL, LAN_PROTOCOL, PROTOCOL, dht } from '../src/index.ts'
import { networksOf } from '../src/networks.ts'
import { resolveDhtOptions } from '../src/options.ts'

const pub = multiaddr('/ip4/93.184.216.34/tcp/1')
const priv = multiaddr('/ip4/192.168.1.2/tcp/1')

test('a node is in its own network, and in others when it is told to', () => {
  expect(networksOf(resolveDhtOptions({})).map(({ protocol }) => protocol)).toEqual([PROTOCOL])
  const all = networksOf(resolveDhtOptions({ lan: true, amino: true }))
  expect(all.map(({ protocol }) => protocol)).toEqual([PROTOCOL, LAN_PROTOCOL, AMINO_PROTOCOL])
  expect(new Set(all.map(({ prefix }) => prefix)).size).toBe(3)
})

test('each network takes the addresses that are of use in it', () => {
  const [own, lan, amino] = networksOf(resolveDhtOptions({ lan: true, amino: true }))
  expect([own, lan, amino].map((network) => [pub, priv].map((address) => network?.accepts(address)))).toEqual([
    [true, true],
    [false, true],
    [true, false]
  ])
})

test('in the public network a node is a client and announces every 22 hours', () => {
  const [, amino] = networksOf(resolveDhtOptions({ amino: true }))
  expect(amino).toMatchObject({ clientMode: true, firstIntervalMs: 22 * 60 * 60 * 1000 })
})

test('the own network cannot be one that is there already', () => {
  expect(() => dht({ lan: true, protocol: LAN_PROTOCOL })).toThrow('option protocol')
  expect(() => dht({ amino: true, protocol: AMINO_PROTOCOL })).toThrow('option protocol')
  expect(() => dht({ protocol: AMINO_PROTOCOL })).not.toThrow()
})
