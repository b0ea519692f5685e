import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { CLOCK_PROBLEM_MS, CLOCK_WARN_MS } from '../../src/prober/constants.ts'
import { makeReport, toReportedMapping } from '../../src/prober/index.ts'
import type { Finding, ReportParts } from '../../src/prober/index.ts'
import type { NatClass } from '../../src/types.ts'

const outside = { host: '203.0.113.5', port: 4001 }
const easy: NatClass = {
  family: 4,
  udp: true,
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  outside
}
const six: NatClass = { family: 6, udp: true, mapping: 'none', filtering: 'endpoint-independent' }
const fine: ReportParts = {
  at: 0,
  networks: [easy, six],
  addresses: [{ address: '/ip4/203.0.113.5/udp/4001/utp', reachability: 'verified' }],
  mappings: [
    {
      protocol: 'udp',
      internalPort: 4001,
      method: 'pcp',
      externalHost: '203.0.113.5',
      externalPort: 4001,
      confirmed: true
    }
  ],
  relays: [{ peer: '12D3Koo' }],
  clock: { offsetMs: 12, errorMs: 40, samples: 2 },
  servers: 2,
  peers: 3
}

function found(part: Partial<ReportParts>): Map<string, Finding> {
  return new Map(makeReport({ ...fine, ...part }).findings.map((finding) => [finding.id, finding]))
}

const level = (part: Partial<ReportParts>, id: string): string | undefined => found(part).get(id)?.level
const nat = (part: Partial<NatClass>): Partial<ReportParts> => ({ networks: [{ ...easy, ...part }, six] })

test('where all is well, all is ok', () => {
  expect([...found({}).values()].map(({ id, level: at }) => `${id} ${at}`)).toEqual([
    'nat.ip4 ok',
    'nat.ip6 ok',
    'reachable ok',
    'port-mapping ok',
    'relays ok',
    'clock ok'
  ])
})

test.each<[string, Partial<NatClass>, Finding['level'], string]>([
  ['no NAT', { mapping: 'none', filtering: 'endpoint-independent' }, 'ok', 'no NAT'],
  ['a firewall', { mapping: 'none', filtering: 'address-dependent' }, 'warn', 'firewall'],
  ['full cone', { filtering: 'endpoint-independent' }, 'ok', 'full cone'],
  ['address-restricted', { filtering: 'address-dependent' }, 'ok', 'address-restricted cone'],
  ['port-restricted', {}, 'ok', 'port-restricted cone'],
  ['symmetric', { mapping: 'address-and-port-dependent' }, 'warn', 'symmetric'],
  ['narrow', { mapping: 'address-dependent', pool: { low: 40_000, high: 40_063 } }, 'info', '40000 to 40063'],
  [
    'its own network',
    { mapping: 'none', filtering: 'endpoint-independent', outside: { host: '192.168.1.2', port: 1 } },
    'info',
    'not known'
  ]
])('the finding of %s', (_, part, expected, text) => {
  const finding = found(nat(part)).get('nat.ip4')
  expect(finding?.level).toBe(expected)
  expect(finding?.text).toContain(text)
})

const blocked = (agreed: boolean): NatClass[] => [
  { family: 4, udp: false, tcpOutside: { ...outside, localPort: 50_000, agreed } }
]

test('UDP that does not pass is a problem, and TCP that does is said', () => {
  expect(level({ networks: blocked(true) }, 'nat.ip4')).toBe('problem')
  expect(level({ networks: blocked(true) }, 'tcp.ip4')).toBe('ok')
})

test('that TCP keeps its port is not said on the word of one server: a NAT may choose another one for each', () => {
  expect(found({ networks: blocked(false) }).get('tcp.ip4')).toMatchObject({
    level: 'info',
    text: expect.stringContaining('could not be told from one server') as string
  })
})

test('where one node was asked over UDP and is silent, it may be the firewall of that node', () => {
  const networks = blocked(false)
  expect(found({ networks, servers: 1 }).get('nat.ip4')?.fix).toContain('firewall of that node')
  expect(found({ networks, servers: 2 }).get('nat.ip4')?.fix).not.toContain('that node')
})

test.each<[string, Partial<NatClass>, RegExp]>([
  ['kept', { preservesPorts: true }, /port 4001; port numbers are kept\. /],
  ['changed', { preservesPorts: false }, /port 4001; port numbers are changed\. /],
  ['not known', {}, /port 4001\. /],
  ['those of a node without a NAT', { preservesPorts: true, mapping: 'none' }, /port 4001, but/]
])('whether port numbers are kept is said: %s', (_, part, text) => {
  expect(found(nat(part)).get('nat.ip4')?.text).toMatch(text)
})

test('who is told to forward a port is told when that cannot help: behind a NAT of the provider', () => {
  const told = makeReport({ ...fine, addresses: [], mappings: [] }).findings.filter(({ fix }) =>
    fix?.includes('forward')
  )
  expect(told.map(({ id }) => id)).toEqual(['reachable', 'port-mapping'])
  told.forEach(({ fix }) => expect(fix).toContain('the provider has a NAT too'))
})

test.each<[string, Partial<ReportParts>, string, Finding['level']]>([
  ['nobody connected', { peers: 0 }, 'peers', 'problem'],
  ['no server', { servers: 0, networks: [] }, 'stun', 'warn'],
  ['one server', nat({ mapping: undefined as never }), 'nat.ip4', 'info'],
  ['a second NAT', nat({ doubleNat: true }), 'double-nat.ip4', 'warn'],
  ['no hairpin', nat({ hairpin: false }), 'hairpin.ip4', 'info'],
  ['no IPv6', { networks: [easy] }, 'ipv6', 'info'],
  ['reached through relays alone', { addresses: [], mappings: [] }, 'reachable', 'info'],
  [
    'announced, not tried',
    { addresses: [{ address: '/ip4/1.2.3.4/tcp/1', reachability: 'assumed' }] },
    'reachable',
    'info'
  ],
  [
    'open, not tried',
    { ...nat({ filtering: 'endpoint-independent' }), addresses: [], mappings: [], relays: [] },
    'reachable',
    'info'
  ],
  ['reached by nobody', { addresses: [], mappings: [], relays: [] }, 'reachable', 'problem'],
  ['no relay', { addresses: [], relays: [] }, 'relays', 'warn'],
  ['no router that maps', { mappings: [] }, 'port-mapping', 'info'],
  [
    'a mapping nobody tried',
    { mappings: fine.mappings.map((one) => ({ ...one, confirmed: false })) },
    'port-mapping',
    'info'
  ]
])('%s', (_, part, id, expected) => {
  expect(level(part, id)).toBe(expected)
})

test.each([
  [CLOCK_WARN_MS - 1, 'ok'],
  [CLOCK_WARN_MS, 'warn'],
  [-CLOCK_WARN_MS, 'warn'],
  [CLOCK_PROBLEM_MS - 1, 'warn'],
  [-CLOCK_PROBLEM_MS, 'problem']
] as const)('a clock that is %i ms off is %s', (offsetMs, expected) => {
  expect(level({ clock: { offsetMs, errorMs: 0, samples: 1 } }, 'clock')).toBe(expected)
})

test('what the exchange took is not held against the clock', () => {
  expect(level({ clock: { offsetMs: CLOCK_WARN_MS + 100, errorMs: 200, samples: 1 } }, 'clock')).toBe('ok')
})

test('every finding that is not ok says what to do, and each id comes once', () => {
  const parts: Partial<ReportParts>[] = [
    {},
    { peers: 0, servers: 0, networks: [], addresses: [], mappings: [], relays: [] },
    nat({ filtering: 'endpoint-independent' }),
    { ...nat({ mapping: 'address-and-port-dependent', doubleNat: true, hairpin: false }), relays: [], addresses: [] },
    { networks: [{ family: 4, udp: false }], clock: { offsetMs: 1e9, errorMs: 0, samples: 3 }, mappings: [] }
  ]
  for (const part of parts) {
    const { findings } = makeReport({ ...fine, ...part })
    expect(findings.filter(({ level: at, fix }) => at !== 'ok' && fix === undefined)).toEqual([])
    expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length)
  }
})

test('a mapping of the port mapper is reported, and confirmed when one of its addresses is', () => {
  const address = multiaddr('/ip4/203.0.113.5/udp/4001/utp')
  const mapping = {
    protocol: 'udp',
    internalIp: '192.168.1.2',
    internalPort: 4001,
    method: 'pcp',
    externalIp: '203.0.113.5',
    externalPort: 4001,
    expiresAt: 5,
    addresses: [address],
    isAnnounced: true
  } as const
  expect(toReportedMapping(mapping, (one) => one.equals(address))).toEqual(fine.mappings[0])
  expect(toReportedMapping(mapping, () => false).confirmed).toBe(false)
})
