import { expect, test } from 'vitest'
import { NAT_TYPES } from '../../src/nat-types.ts'
import type { NatType } from '../../src/nat-types.ts'
import { resolveLabOptions } from '../../src/options.ts'
import type { LabOptions } from '../../src/options.ts'
import { planLab } from '../../src/plan/plan.ts'

const plan = (options: LabOptions) => planLab(resolveLabOptions(options))
const names = (options: LabOptions) => plan(options).nodes.map(({ name }) => name)
const node = (options: LabOptions, name: string) => plan(options).nodes.find((each) => each.name === name)

test('a home has a router, a carrier customer two, a public host none', () => {
  expect(names({ a: 'port-restricted', b: 'public' })).toEqual(['relay', 'a', 'a-router', 'b'])
  expect(names({ a: 'cgnat', b: 'cgnat-symmetric' })).toEqual([
    'relay',
    'a',
    'a-router',
    'a-carrier',
    'b',
    'b-router',
    'b-carrier'
  ])
})

test('a host knows its routers from the inside out', () => {
  expect(node({ a: 'cgnat' }, 'a')?.routers).toEqual(['a-router', 'a-carrier'])
  expect(node({ a: 'cgnat' }, 'a-router')?.routers).toEqual(['a-carrier'])
  expect(node({ a: 'public' }, 'a')?.routers).toEqual([])
})

test("a guest on a's LAN shares its router and its public address", () => {
  const lan = plan({ a: 'full-cone', b: 'lan' })
  const guest = lan.nodes.find(({ name }) => name === 'b')
  expect(guest).toMatchObject({ routers: ['a-router'], publicAddresses: ['5.5.1.1'] })
  expect(guest?.interfaces[0]?.addresses).toEqual(['192.168.1.3/24'])
  expect(lan.ports.map(({ host }) => host)).toEqual(['relay', 'a'])
  expect(
    lan.nodes.find(({ name }) => name === 'a-router')?.interfaces.find(({ name }) => name === 'lan')?.bridges
  ).toEqual(['lan0', 'lan1'])
})

test('a router has a bridge only where two hosts share its LAN', () => {
  const router = node({ a: 'port-restricted' }, 'a-router')
  expect(router?.interfaces.map(({ name, bridges }) => [name, bridges])).toEqual([
    ['lan', undefined],
    ['wan', undefined]
  ])
  expect(router?.interfaces[0]?.addresses).toEqual(['192.168.1.1/24'])
})

test('an IPv6-only host has nothing of IPv4, and the relay has both then', () => {
  const host = node({ a: 'ipv6-only' }, 'a')
  expect(host?.interfaces.flatMap(({ addresses }) => addresses)).toEqual(['2a02:5:1:1::2/64'])
  expect(host).toMatchObject({ ipv4: false, ipv6: true, publicAddresses: ['2a02:5:1:1::2'] })
  expect(node({ a: 'ipv6-only' }, 'relay')?.publicAddresses).toEqual([
    '5.5.0.10',
    '5.5.0.11',
    '2a01:5:5::10',
    '2a01:5:5::11'
  ])
  expect(node({ a: 'ipv6-only' }, 'b')?.ipv6).toBe(false)
})

test('without a host that has IPv6 there is none', () => {
  expect(plan({}).nodes.some(({ ipv6 }) => ipv6)).toBe(false)
})

test.each(Object.keys(NAT_TYPES).filter((type) => type !== 'lan') as NatType[])(
  '%s: whatever is named exists',
  (type) => {
    const { nodes, wires, ports } = plan({ a: type, b: type })
    const interfaces = new Set(nodes.flatMap((each) => each.interfaces.map(({ name }) => `${each.name} ${name}`)))
    for (const { ends } of wires) {
      for (const end of ends) {
        expect(interfaces).toContain(`${end.node} ${end.interface}`)
      }
    }
    for (const port of ports) {
      expect(interfaces).toContain(`${port.node} wan`)
      expect(port.routes.length).toBeGreaterThan(0)
    }
    expect(new Set(ports.map(({ mac }) => mac)).size).toBe(ports.length)
    const routers = nodes.filter(({ role }) => role !== 'host')
    expect(routers).toHaveLength(2 * (type === 'public' ? 0 : Math.max(1, NAT_TYPES[type].natLevels)))
    expect(routers.every(({ rules }) => rules?.includes('policy drop'))).toBe(true)
  }
)

test('another generation changes addresses and nothing else', () => {
  const options = resolveLabOptions({ a: 'dual-stack', b: 'symmetric' })
  const [before, after] = [planLab(options), planLab(options, { a: 1 })]
  expect(after.ports).toEqual(before.ports)
  expect(after.wires).toEqual(before.wires)
  expect(after.nodes.find(({ name }) => name === 'a')?.publicAddresses).toEqual(['5.5.1.2', '2a02:5:1:2::2'])
  expect(after.nodes.filter(({ name }) => name.startsWith('b'))).toEqual(
    before.nodes.filter(({ name }) => name.startsWith('b'))
  )
})
