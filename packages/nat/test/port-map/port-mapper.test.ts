import type { Libp2p, PeerUpdate } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { afterEach, expect, test } from 'vitest'
import { MAX_UPNP_PORTS } from '../../src/port-map/constants.ts'
import { PortMapper } from '../../src/port-map/index.ts'
import type { PortMapperComponents, PortMapperInit, PortMapReport } from '../../src/port-map/index.ts'
import { createFakeGateway } from '../support/fake-gateway.ts'
import { createFakeIgd } from '../support/fake-igd.ts'
import { until } from '../support/network.ts'

type MappedNode = Libp2p<{ mapper: PortMapper }>

const cleanup: (() => Promise<void>)[] = []

afterEach(async () => {
  // the node first: it gives its mappings back
  for (const close of cleanup.splice(0).reverse()) {
    await close()
  }
})

function later<T extends { close(): Promise<void> }>(thing: T): T {
  cleanup.push(async () => thing.close())
  return thing
}

/** A node on loopback whose gateway is on loopback too. */
async function createMapped(init: PortMapperInit): Promise<MappedNode> {
  const node: MappedNode = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { mapper: (components: PortMapperComponents) => new PortMapper(components, init) }
  })
  cleanup.push(async () => node.stop())
  return node
}

function given(port: number, ssdpPort = port): PortMapperInit {
  return { gateway: { host: '127.0.0.1', internalIp: '127.0.0.1', port, ssdpPort }, gatewayCheckMs: 100 }
}

function portOf(node: Libp2p): number {
  return Number(/^\/ip4\/127\.0\.0\.1\/tcp\/(\d+)/.exec(node.getMultiaddrs().join(' '))?.[1])
}

async function mapped(
  node: MappedNode,
  condition: (report: PortMapReport) => boolean = isMapped
): Promise<PortMapReport> {
  await until(() => condition(node.services.mapper.report()))
  return node.services.mapper.report()
}

function isMapped({ mappings }: PortMapReport): boolean {
  return mappings.length > 0
}

test.each([
  ['PCP', ['pcp'] as const, 'pcp'],
  ['NAT-PMP', ['nat-pmp'] as const, 'nat-pmp']
])('a listener is mapped by %s, announced at once, and given back on stop', async (_, speaks, method) => {
  const gateway = later(await createFakeGateway(speaks))
  const node = await createMapped(given(gateway.port))
  const told = new Promise<PeerUpdate>((resolve) => {
    node.addEventListener('self:peer:update', ({ detail }) => {
      if (detail.peer.addresses.some(({ multiaddr }) => multiaddr.toString().includes('/ip4/5.5.1.1/'))) {
        resolve(detail)
      }
    })
  })
  const port = portOf(node)
  const { mappings, unmapped } = await mapped(node)
  expect(unmapped).toEqual([])
  expect(mappings).toMatchObject([
    { method, protocol: 'tcp', internalPort: port, externalIp: '5.5.1.1', externalPort: port, isAnnounced: true }
  ])
  await told
  expect(node.getMultiaddrs().map(String)).toContain(`/ip4/5.5.1.1/tcp/${port}/p2p/${node.peerId.toString()}`)
  expect([...gateway.mappings]).toEqual([[`tcp:${port}`, port]])
  await node.stop()
  expect(gateway.mappings.size).toBe(0)
})

test.each([
  [1, 'AddPortMapping'],
  [2, 'AddAnyPortMapping']
] as const)('a listener is mapped by UPnP version %d and given back on stop', async (version, action) => {
  const igd = later(await createFakeIgd(version))
  const silent = later(await createFakeGateway([]))
  const node = await createMapped(given(silent.port, igd.ssdpPort))
  const { mappings } = await mapped(node)
  const port = portOf(node)
  expect(mappings).toMatchObject([{ method: 'upnp', externalPort: port }])
  expect([...igd.mappings]).toEqual([[`TCP:${port}`, `127.0.0.1:${port}`]])
  expect(igd.actions).toContain(action)
  await node.stop()
  expect(igd.mappings.size).toBe(0)
})

test('a UPnP gateway that has the port taken is asked for another', async () => {
  const igd = later(await createFakeIgd(1))
  const silent = later(await createFakeGateway([]))
  igd.refusals.push(718, 718)
  const node = await createMapped({ ...given(silent.port, igd.ssdpPort), random: () => 0.5 })
  const { mappings } = await mapped(node)
  expect(mappings[0]?.externalPort).toBe(49_152 + 8192)
})

test('a UPnP gateway that refuses is not asked for ever', async () => {
  const igd = later(await createFakeIgd(1))
  const silent = later(await createFakeGateway([]))
  igd.refusals.push(...Array.from({ length: MAX_UPNP_PORTS + 1 }, () => 718))
  const node = await createMapped({ ...given(silent.port, igd.ssdpPort), probeTimeoutMs: 200 })
  await until(() => igd.actions.filter((action) => action === 'AddPortMapping').length === MAX_UPNP_PORTS)
  const { unmapped } = await mapped(node, (report) => report.unmapped.length > 0)
  expect(unmapped[0]?.reason).toContain('refused (718)')
  expect(igd.refusals).toEqual([718])
})

test('where one protocol refuses the next one is taken', async () => {
  const gateway = later(await createFakeGateway(['pcp']))
  const igd = later(await createFakeIgd(2))
  gateway.refuseWith = 2
  const node = await createMapped(given(gateway.port, igd.ssdpPort))
  const { mappings } = await mapped(node)
  expect(mappings[0]?.method).toBe('upnp')
})

test('a lost question is asked again', async () => {
  const gateway = later(await createFakeGateway(['pcp']))
  gateway.lose = 3
  const node = await createMapped(given(gateway.port))
  expect((await mapped(node)).mappings[0]?.method).toBe('pcp')
})

test('a gateway that restarted is asked anew, and one with another address has it announced', async () => {
  const gateway = later(await createFakeGateway(['pcp']))
  const node = await createMapped(given(gateway.port))
  await mapped(node)
  gateway.restart()
  gateway.externalIp = '6.6.1.1'
  const { mappings } = await mapped(node, (report) => report.mappings[0]?.externalIp === '6.6.1.1')
  expect(gateway.mappings.size).toBe(1)
  expect(mappings).toHaveLength(1)
  const own = node.getMultiaddrs().join(' ')
  expect(own).toContain('/ip4/6.6.1.1/')
  expect(own).not.toContain('/ip4/5.5.1.1/')
})

test('a gateway that says it restarted is asked at once, whatever its count', async () => {
  const gateway = later(await createFakeGateway(['pcp']))
  const { port: announcePort, close } = await createFakeGateway([])
  await close()
  const node = await createMapped({ ...given(gateway.port), gatewayCheckMs: 60_000, announcePort })
  await mapped(node)
  gateway.mappings.clear()
  gateway.announce(announcePort)
  await until(() => gateway.mappings.size === 1)
})

test('a UPnP gateway that lost the mapping is found out by its list', async () => {
  const igd = later(await createFakeIgd(2))
  const silent = later(await createFakeGateway([]))
  const node = await createMapped(given(silent.port, igd.ssdpPort))
  await mapped(node)
  igd.mappings.clear()
  await until(() => igd.mappings.size === 1)
})

test('behind a second NAT the address is not announced, and said to be behind one', async () => {
  const gateway = later(await createFakeGateway(['pcp']))
  gateway.externalIp = '100.64.1.1'
  const node = await createMapped(given(gateway.port))
  const { mappings } = await mapped(node)
  expect(mappings).toMatchObject([{ doubleNat: 'private', isAnnounced: false }])
  expect(node.getMultiaddrs().join(' ')).not.toContain('100.64.1.1')
})

test('an address that others do not see is not announced', async () => {
  const gateway = later(await createFakeGateway(['pcp']))
  const node = await createMapped({ ...given(gateway.port), observedIps: () => ['6.6.1.1'] })
  const { mappings } = await mapped(node)
  expect(mappings).toMatchObject([{ doubleNat: 'differs', isAnnounced: false }])
})

test('with no gateway at all it says so, and the node stops at once', async () => {
  const silent = later(await createFakeGateway([]))
  const node = await createMapped({ ...given(silent.port), probeTimeoutMs: 50 })
  const { unmapped, mappings } = await mapped(node, (report) => report.unmapped.length > 0)
  expect(mappings).toEqual([])
  expect(unmapped[0]?.reason).toBe('no port mapping: pcp: no answer; nat-pmp: no answer; upnp: no answer')
})
