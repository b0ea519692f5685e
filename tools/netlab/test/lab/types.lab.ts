import { describe, expect, test } from 'vitest'
import { NAT_TYPES, buildLab } from '../../src/index.ts'
import type { Classification, NatType } from '../../src/index.ts'
import { factsOf } from '../../src/nat-types.ts'

const TYPES = Object.keys(NAT_TYPES) as NatType[]

function expectAsClaimed(type: NatType, found: Classification): void {
  const facts = factsOf(type)
  expect(found.udp).toBe(facts.udp)
  if (!facts.udp) {
    return
  }
  // the IPv6 side of a dual-stack host is behind a firewall, not behind a NAT
  expect(found.mapping).toBe(found.family === 6 ? 'none' : facts.mapping)
  expect(found.filtering).toBe(facts.filtering)
  expect(found.unsolicitedTcp).toBe(facts.unsolicitedTcp)
  expect(found.preservesPorts).toBe(facts.mapping !== 'address-and-port-dependent')
  const { pool } = facts
  if (pool !== undefined) {
    expect(found.outside?.every(({ port }) => port >= pool[0] && port <= pool[1])).toBe(true)
  }
}

function looksRandom({ mapping }: Classification): boolean {
  return mapping === 'address-and-port-dependent'
}

describe.each(TYPES)('%s', (type) => {
  test('is what the table says, seen from the relay', async () => {
    const side = type === 'lan' ? 'b' : 'a'
    await using lab = await buildLab({
      name: 'test-types',
      ...(type === 'lan' ? { b: type } : { a: type, b: 'public' })
    })
    let found = await lab.classify(side)
    // by chance two mappings get the same port out of a narrow pool, and look like one
    for (let again = 0; again < 3 && factsOf(type).pool !== undefined && !looksRandom(found); again++) {
      found = await lab.classify(side)
    }
    expect(found.family).toBe(factsOf(type).ipv4 ? 4 : 6)
    expectAsClaimed(type, found)
    expect(found.outside?.every(({ address }) => lab.host(side).publicAddresses.includes(address)) ?? true).toBe(true)
    for (const counters of (await lab.counters()).values()) {
      expect(counters).toMatchObject({ lost: 0, overflowed: 0, spoofed: 0 })
    }
  })
})

test('a dual-stack host has IPv6 behind a firewall and without a NAT', async () => {
  await using lab = await buildLab({ name: 'test-types', a: 'dual-stack', b: 'ipv6-only' })
  expectAsClaimed('dual-stack', await lab.classify('a', { family: 6 }))
})

test('a class is found through 10 % loss too', async () => {
  await using lab = await buildLab({
    name: 'test-types',
    a: 'address-restricted',
    b: 'public',
    lossPercent: 10,
    seed: 7
  })
  expectAsClaimed('address-restricted', await lab.classify('a'))
})
