import { expect, test } from 'vitest'
import { firewallRules, natRules, upnpRules } from '../../src/plan/rules.ts'
import type { RouterKind } from '../../src/plan/rules.ts'

const KINDS: readonly RouterKind[] = [
  'full-cone',
  'address-restricted',
  'port-restricted',
  'symmetric',
  'symmetric-narrow',
  'udp-blocked',
  'rst',
  'upnp'
]

test.each(KINDS)('%s: brackets close, and the text starts over when it is read again', (kind) => {
  const text = natRules(kind)
  expect(text.split('{').length).toBe(text.split('}').length)
  expect(text).toMatch(/^table ip netlab\ndelete table ip netlab\ntable ip netlab \{\n/)
  expect(text.endsWith('}\n')).toBe(true)
})

test.each(KINDS)('%s: a router never takes in what nobody asked for', (kind) => {
  const input = natRules(kind).split('chain input')[1] ?? ''
  const drop = input.indexOf('iifname "wan" drop')
  expect(drop).toBeGreaterThan(input.indexOf('ct state established,related accept'))
})

test.each([
  ['port-restricted', 'oifname "wan" masquerade\n'],
  ['symmetric', 'masquerade fully-random'],
  ['symmetric-narrow', 'masquerade to :40000-40063 fully-random'],
  ['udp-blocked', 'iifname "lan" oifname "wan" udp dport != 53 drop'],
  ['rst', 'reject with tcp reset'],
  [
    'full-cone',
    'iifname "wan" fib daddr type local meta l4proto { tcp, udp } dnat ip to meta l4proto . th dport map @mapped'
  ],
  ['address-restricted', 'iifname "wan" fib daddr type local ip saddr . meta l4proto . th dport @allowed dnat ip to']
] as const)('%s is told by %j', (kind, rule) => {
  expect(natRules(kind)).toContain(rule)
})

test('only cones learn mappings', () => {
  const learners = KINDS.filter((kind) => natRules(kind).includes('@mapped'))
  expect(learners).toEqual(['full-cone', 'address-restricted'])
})

test('only UDP-blocked drops what comes from the LAN', () => {
  expect(KINDS.filter((kind) => /iifname "lan".*drop/.test(natRules(kind)))).toEqual(['udp-blocked'])
})

test('the IPv6 firewall lets neighbour discovery through and drops the unsolicited', () => {
  expect(firewallRules()).toContain('policy drop')
  expect(firewallRules()).toContain('meta l4proto != ipv6-icmp drop')
  expect(firewallRules()).not.toContain('masquerade')
})

test('miniupnpd finds the chains its configuration names', () => {
  for (const chain of ['miniupnpd', 'prerouting_miniupnpd', 'postrouting_miniupnpd']) {
    expect(upnpRules()).toContain(`chain ${chain} { }`)
  }
})
