import { describe, expect, test } from 'vitest'
import { EXTRA_SERVERS, checkLabName, resolveLabOptions, withLink } from '../src/options.ts'
import type { LabOptions } from '../src/options.ts'

const refused = (option: string): unknown => expect.objectContaining({ code: 'ERR_NETLAB_INVALID_OPTION', option })
const resolving = (options: LabOptions) => () => resolveLabOptions(options)

describe('options of a lab', () => {
  test('without any there are two port-restricted sides 80 ms apart and a relay', () => {
    const { name, sides, servers } = resolveLabOptions({})
    expect(name).toBe('lab')
    expect(sides.map((side) => [side.name, side.type, side.link.delayMs])).toEqual([
      ['a', 'port-restricted', 15],
      ['b', 'port-restricted', 25]
    ])
    expect(servers.map((server) => [server.name, server.link.delayMs])).toEqual([['relay', 5]])
  })

  test('jitter, loss and rate are those of the sides, not of servers', () => {
    const { sides, servers } = resolveLabOptions({ jitterMs: 2, lossPercent: 5, rateMbit: 10, others: ['public'] })
    expect(sides.map(({ link }) => [link.jitterMs, link.lossPercent, link.rateMbit])).toEqual(Array(3).fill([2, 5, 10]))
    expect(servers[0]?.link).toMatchObject({ jitterMs: 0, lossPercent: 0, rateMbit: 0 })
  })

  test("a host's own link goes before its delay, and that before the default", () => {
    const { sides } = resolveLabOptions({ delays: { a: 1, b: 2 }, links: { b: { delayMs: 3 } } })
    expect(sides.map(({ link }) => link.delayMs)).toEqual([1, 3])
  })

  test('the delay of relays is that of servers too', () => {
    const { servers } = resolveLabOptions({ relays: 2, extraServers: EXTRA_SERVERS, delays: { relay: 9, s2: 4 } })
    expect(servers.map(({ name, link }) => [name, link.delayMs])).toEqual([
      ['relay', 9],
      ['relay2', 9],
      ['s2', 4],
      ['s3', 9],
      ['s4', 9],
      ['s5', 9]
    ])
  })

  test('more sides are called c, d and so on', () => {
    expect(resolveLabOptions({ others: ['rst', 'upnp'] }).sides.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd'])
  })

  test.each<[string, LabOptions]>([
    ['name', { name: 'a.b' }],
    ['name', { name: '' }],
    ['name', { name: '../x' }],
    ['name', { name: 'x'.repeat(25) }],
    ['a', { a: 'toString' as never }],
    ['a', { a: 'lan' }],
    ['b', { a: 'public', b: 'lan' }],
    ['c', { others: ['lan'] }],
    ['others', { others: Array(25).fill('public') }],
    ['relays', { relays: 0 }],
    ['relays', { relays: 5 }],
    ['relays', { relays: 1.5 }],
    ['extraServers', { extraServers: ['10.0.0.1'] }],
    ['extraServers', { extraServers: ['5.5.1.1'] }],
    ['extraServers', { extraServers: ['224.0.0.1'] }],
    ['extraServers', { extraServers: ['7.0.0.20', '7.0.0.20'] }],
    ['extraServers', { extraServers: ['example.org'] }],
    ['extraServers', { extraServers: Array.from({ length: 17 }, (_, at) => `7.0.0.${at + 1}`) }],
    ['delays', { delays: { z: 1 } }],
    ['links', { links: { relay2: {} } }],
    ['delayMs', { delays: { a: -1 } }],
    ['delayMs', { delays: { a: Number.NaN } }],
    ['delayMs', { delays: { a: 10_001 } }],
    ['lossPercent', { lossPercent: 100.1 }],
    ['rateMbit', { rateMbit: 100_001 }],
    ['seed', { seed: -1 }]
  ])('%s is refused in %j', (option, options) => {
    expect(resolving(options)).toThrow(refused(option))
  })

  test('the limits themselves are allowed', () => {
    expect(resolving({ name: 'x'.repeat(24), relays: 4, others: Array(24).fill('public') })).not.toThrow()
    expect(resolving({ delays: { a: 10_000 }, lossPercent: 100, rateMbit: 100_000 })).not.toThrow()
    expect(resolving({ extraServers: Array.from({ length: 16 }, (_, at) => `7.0.0.${at + 1}`) })).not.toThrow()
  })

  test('a changed link keeps what was not named', () => {
    const link = { delayMs: 1, jitterMs: 2, lossPercent: 3, rateMbit: 4, mtuBytes: 1400 }
    expect(withLink(link, { lossPercent: 0 })).toEqual({ ...link, lossPercent: 0 })
    expect(() => withLink(link, { mtuBytes: 1279 })).toThrow(refused('mtuBytes'))
    expect(() => withLink(link, { mtuBytes: 1501 })).toThrow(refused('mtuBytes'))
  })

  test.each(['lab', 'a', '0', 'a-b-1'])('%s is a name', (name) => {
    expect(() => checkLabName(name)).not.toThrow()
  })
})
