/* eslint-disable @nx/enforce-module-boundaries -- labs are tools that tests use */
import { buildLab, factsOf, NAT_TYPES } from '@p2pshare/netlab'
import type { Lab, LabHost, NatType } from '@p2pshare/netlab'
import { isIPv6 } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NatClass } from '../../src/types.ts'
import { LabPeer } from './lab-peer.ts'

const PROGRAM = new URL('./class-peer.ts', import.meta.url)
const TYPES = Object.keys(NAT_TYPES) as NatType[]
/** `lan` is a neighbour of a. */
const [A, B] = ['port-restricted', 'lan'] as const satisfies NatType[]
/** Each type in each address family it has. */
const NETWORKS = TYPES.flatMap((type) => {
  const { ipv4, ipv6 } = factsOf(type)
  return [...(ipv4 ? [{ type, family: 4 as const }] : []), ...(ipv6 ? [{ type, family: 6 as const }] : [])]
})

let lab: Lab
let server: readonly string[]
/** With TIMES=1: how long it took, as the rows of a table. */
const times: string[] = []

beforeAll(async () => {
  lab = await buildLab({ name: 'classes', a: A, b: B, others: TYPES.filter((type) => type !== A && type !== B) })
  const { relay } = lab.hosts
  server = (await new LabPeer(relay, PROGRAM, ['server', ...relay.addresses]).says('ready'))['ready'] as string[]
})

afterAll(async () => {
  await lab.down()
  if (process.env['TIMES'] !== undefined) {
    const head = ['| type | IP | class, ms after the first question | round trips |', '| --- | --- | ---: | ---: |']
    process.stdout.write(`${[...head, ...times].join('\n')}\n`)
  }
})

test.each(NETWORKS)('a node behind $type finds that out over IPv$family', async ({ type, family }) => {
  const host = hostOf(type)
  await using peer = new LabPeer(host, PROGRAM, ['peer', ...serverAt(family)])
  const { nat, tookMs } = await peer.says('nat')
  const found = nat as NatClass
  const roundTripMs = 2 * (lab.link(host.name).delayMs + lab.link('relay').delayMs)
  const trips = (Number(tookMs) / roundTripMs).toFixed(1)
  times.push(`| ${type} | ${family} | ${Number(tookMs).toFixed(0)} | ${trips} of ${roundTripMs} ms |`)

  const { udp, mapping, filtering, pool } = factsOf(type)
  if (!udp) {
    expect(found).toMatchObject({ family, udp })
    return
  }
  expect(found).toMatchObject({
    family,
    udp,
    // what a dual-stack host has in front of its IPv6 is a firewall
    mapping: family === 6 ? 'none' : mapping,
    filtering,
    preservesPorts: mapping !== 'address-and-port-dependent'
  })
  expect(host.publicAddresses).toContain(found.outside?.host)
  expect(found.pool === undefined).toBe(pool === undefined)
  if (pool !== undefined && found.pool !== undefined) {
    // it is told from the ports that were seen, with a margin
    const [low, high] = pool
    const ports = high - low + 1
    expect(found.outside?.port).toSatisfy((port: number) => port >= low && port <= high)
    expect(found.pool.low).toBeGreaterThan(low - ports)
    expect(found.pool.high).toBeLessThan(high + ports)
  }
})

test('a node behind a router that maps ports announces where the router lets others in', async () => {
  const host = hostOf('upnp')
  // it meets nobody who could tell it that the address leads to it
  await using peer = new LabPeer(host, PROGRAM, ['peer'])
  const { mapped, tookMs } = await peer.says('mapped')
  times.push(`\nupnp: a port mapping announced after start: ${Number(tookMs).toFixed(0)} ms`)
  const [outside] = host.publicAddresses
  for (const address of mapped as string[]) {
    expect(address).toMatch(new RegExp(`^/ip4/${outside}/(udp|tcp)/`, 'u'))
  }
})

function hostOf(type: NatType): LabHost {
  const host = Object.values(lab.hosts).find((one) => one?.type === type)
  if (host === undefined) {
    throw new TypeError(`the lab has no ${type}`)
  }
  return host
}

function serverAt(family: 4 | 6): readonly string[] {
  return server.filter((address) => isIPv6(address.split('/')[2] ?? '') === (family === 6))
}
