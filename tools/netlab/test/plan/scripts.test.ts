import { expect, test } from 'vitest'
import { resolveLabOptions } from '../../src/options.ts'
import type { LabOptions } from '../../src/options.ts'
import { planLab } from '../../src/plan/plan.ts'
import {
  namespaceOf,
  nodeScript,
  portLine,
  readdressScript,
  switchLines,
  unwiring,
  wiring
} from '../../src/plan/scripts.ts'
import { upnpConfig } from '../../src/plan/upnp.ts'

const plan = (options: LabOptions, generations = {}) => planLab(resolveLabOptions(options), generations)
const scriptOf = (options: LabOptions, name: string) => {
  const node = plan(options).nodes.find((each) => each.name === name)
  return node === undefined ? '' : nodeScript(node)
}

test("no lab's namespaces begin like another's", () => {
  expect(namespaceOf('x-a', 'b').startsWith(namespaceOf('x', ''))).toBe(false)
  expect(namespaceOf('x', 'a')).toBe('netlab.x.a')
})

test('each namespace is made once, and every wire ends in two of them', () => {
  const text = wiring(plan({ name: 'n', b: 'cgnat' }))
  const made = [...text.matchAll(/^netns add (\S+)$/gm)].map(([, name]) => name)
  expect(made).toEqual(
    ['internet', 'relay', 'a', 'a-router', 'b', 'b-router', 'b-carrier'].map((name) => `netlab.n.${name}`)
  )
  for (const [, name] of text.matchAll(/netns (netlab\S+)/g)) {
    expect(made).toContain(name)
  }
  expect(unwiring(['netlab.n.a'])).toBe('netns del netlab.n.a\n')
})

test('the ends of a wire never have the same index, or a bridge on it would sleep for a second', () => {
  const indices = [...wiring(plan({ b: 'cgnat' })).matchAll(/^link add .*? index (\d+) .* index (\d+) /gm)]
  expect(indices).toHaveLength(3)
  expect(indices.every(([, one, two]) => one !== two)).toBe(true)
})

test('a router forwards and a host does not', () => {
  expect(scriptOf({}, 'a-router')).toContain('ip_forward')
  expect(scriptOf({}, 'a')).not.toContain('ip_forward')
  expect(scriptOf({ a: 'ipv6-only' }, 'a-router')).toContain('conf/all/forwarding')
  expect(scriptOf({ a: 'ipv6-only' }, 'a-router')).not.toContain('ip_forward')
})

test('offloads are off where the switch reads, and there only', () => {
  expect(scriptOf({}, 'relay')).toContain('ethtool -K wan tx off')
  expect(scriptOf({}, 'a-router')).toContain('ethtool -K wan tx off')
  expect(scriptOf({}, 'a')).not.toContain('ethtool')
  expect(scriptOf({ a: 'cgnat' }, 'a-router')).not.toContain('ethtool')
})

test('on the internet the switch is the gateway, and no neighbour is ever looked for', () => {
  const script = scriptOf({ a: 'public' }, 'a')
  expect(script).toContain('neigh add 169.254.0.1 lladdr 02:4e:4c:00:00:01 nud permanent dev wan')
  expect(script).toContain('route add default via 169.254.0.1 dev wan onlink')
})

test('the switch reads ports before the routes that name them', () => {
  const text = switchLines(plan({ delays: { a: 15 }, lossPercent: 0.5, rateMbit: 20 }))
  expect(text).toBe(
    [
      'port p0 02:4e:4c:00:01:00 5000 0 0 0 1500',
      'port p1 02:4e:4c:00:01:01 15000 0 5000 20000 1500',
      'port p2 02:4e:4c:00:01:02 25000 0 5000 20000 1500',
      'route 5.5.0.0/24 p0',
      'route 2a01:5:5::/64 p0',
      'route 5.5.1.0/24 p1',
      'route 5.5.2.0/24 p2',
      ''
    ].join('\n')
  )
})

test('parts of a millisecond and of a percent reach the switch', () => {
  const link = { delayMs: 0.25, jitterMs: 1.5, lossPercent: 0.01, rateMbit: 0.5, mtuBytes: 1280 }
  expect(portLine({ name: 'p3', mac: 'm' }, link)).toBe('port p3 m 250 1500 100 500 1280')
})

test('a new address comes before the old one goes', () => {
  const [before, after] = [plan({}), plan({}, { a: 1 })].map((each) =>
    each.nodes.find(({ name }) => name === 'a-router')
  )
  const script = before === undefined || after === undefined ? '' : readdressScript(before, after)
  expect(script.indexOf('addr add 5.5.1.2/32 dev wan')).toBeGreaterThan(0)
  expect(script.indexOf('addr del 5.5.1.1/32 dev wan')).toBeGreaterThan(script.indexOf('addr add 5.5.1.2/32 dev wan'))
  expect(script).not.toContain('192.168')
})

test("miniupnpd serves the router's LAN only", () => {
  const text = upnpConfig({ lan: '192.168.1.1/24', uuid: 'u' }, '/folder')
  expect(text).toContain('allow 1024-65535 192.168.1.0/24 1024-65535\n')
  expect(text).toContain('secure_mode=yes\n')
  expect(text).toContain('lease_file=/folder/leases\n')
})
