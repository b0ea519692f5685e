import { expect, test } from 'vitest'
import { plan } from '../../src/punch/plan.ts'
import type { PlanEntry } from '../../src/punch/plan.ts'
import { candidate, described } from './support/descriptions.ts'
import type { NatName } from './support/descriptions.ts'

type Table = Record<string, Partial<Record<NatName, string>>>

/** What the initiator does (row) against each responder, without skipped strategies. */
const EXPECTED: Table = {
  public: {
    public: 'public:probe public:dial udp-punch:probe tcp-simultaneous-open:tcp-open',
    'full-cone': 'reversal:wait udp-punch:probe tcp-simultaneous-open:tcp-open',
    'port-restricted': 'reversal:wait udp-punch:probe tcp-simultaneous-open:tcp-open',
    symmetric: 'reversal:wait udp-punch:probe',
    'udp-blocked': 'reversal:wait tcp-simultaneous-open:tcp-open'
  },
  'full-cone': {
    public: 'public:probe public:dial udp-punch:probe tcp-simultaneous-open:tcp-open',
    'port-restricted': 'udp-punch:probe tcp-simultaneous-open:tcp-open',
    symmetric: 'udp-punch:probe',
    'symmetric-narrow': 'udp-punch:probe'
  },
  'address-restricted': {
    'address-restricted': 'udp-punch:probe tcp-simultaneous-open:tcp-open',
    symmetric: 'udp-punch:probe'
  },
  'port-restricted': {
    public: 'public:probe public:dial udp-punch:probe tcp-simultaneous-open:tcp-open',
    'full-cone': 'udp-punch:probe tcp-simultaneous-open:tcp-open',
    'port-restricted': 'udp-punch:probe tcp-simultaneous-open:tcp-open',
    symmetric: 'birthday:spray',
    'symmetric-narrow': 'birthday:spray',
    'udp-blocked': 'tcp-simultaneous-open:tcp-open'
  },
  symmetric: {
    public: 'public:probe public:dial udp-punch:probe',
    'full-cone': 'udp-punch:probe',
    'address-restricted': 'udp-punch:probe',
    'port-restricted': 'birthday:many-sockets',
    symmetric: '',
    'symmetric-narrow': '',
    'udp-blocked': ''
  },
  'symmetric-narrow': {
    'port-restricted': 'birthday:many-sockets',
    symmetric: '',
    'symmetric-narrow': 'port-pool:sweep'
  },
  'udp-blocked': {
    public: 'public:dial tcp-simultaneous-open:tcp-open',
    'port-restricted': 'tcp-simultaneous-open:tcp-open',
    symmetric: '',
    'udp-blocked': 'tcp-simultaneous-open:tcp-open'
  }
}

const CASES = Object.entries(EXPECTED).flatMap(([mine, row]) =>
  Object.entries(row).map(([theirs, steps]) => [mine as NatName, theirs as NatName, steps] as const)
)

function taken(entries: readonly PlanEntry[]): string {
  const steps = entries.flatMap((entry) => ('step' in entry ? [`${entry.strategy}:${entry.step.type}`] : []))
  return steps.filter((step) => !step.startsWith('webrtc')).join(' ')
}

test.each(CASES)('an initiator behind %s meets a responder behind %s and does: %s', (mine, theirs, steps) => {
  const entries = plan({
    role: 'initiator',
    mine: described(mine, '5.5.1.1'),
    theirs: described(theirs, '5.5.2.1'),
    tcpLocalPort: 50_001
  })
  expect(taken(entries)).toBe(steps)
})

test.each([
  ['port-restricted', 'symmetric', 'birthday:many-sockets'],
  ['symmetric', 'port-restricted', 'birthday:spray'],
  ['symmetric-narrow', 'symmetric-narrow', 'port-pool:sweep'],
  ['public', 'udp-blocked', 'reversal:dial tcp-simultaneous-open:tcp-open'],
  ['udp-blocked', 'public', 'tcp-simultaneous-open:tcp-open'],
  ['public', 'public', 'public:probe udp-punch:probe tcp-simultaneous-open:tcp-open']
] as const)('the responder fits: asked from behind %s, behind %s it does: %s', (theirs, mine, steps) => {
  const entries = plan({
    role: 'responder',
    mine: described(mine, '5.5.2.1'),
    theirs: described(theirs, '5.5.1.1'),
    tcpLocalPort: 50_001
  })
  expect(taken(entries)).toBe(steps)
})

test('every strategy is in a plan, with a step or with a reason', () => {
  const entries = plan({
    role: 'initiator',
    mine: described('symmetric', '5.5.1.1'),
    theirs: described('symmetric', '5.5.2.1')
  })
  expect([...new Set(entries.map(({ strategy }) => strategy))]).toHaveLength(10)
  expect(entries.filter((entry) => 'reason' in entry && entry.reason === '')).toEqual([])
  expect(entries).toContainEqual({
    strategy: 'port-pool',
    reason: 'the router at the peer chooses among more than 1024 ports'
  })
})

test('a spray tries the ports around the pool of the hard side first', () => {
  const entries = plan({
    role: 'initiator',
    mine: described('port-restricted', '5.5.1.1'),
    theirs: described('symmetric-narrow', '5.5.2.1')
  })
  expect(entries).toContainEqual({
    strategy: 'birthday',
    delayMs: 0,
    step: { type: 'spray', host: '5.5.2.1', probes: 1500, pool: { low: 39_968, high: 40_095 } }
  })
})

test('two in one network probe and dial private addresses, and one of them only dials', () => {
  const lan = (host: string) => [
    candidate({ kind: 'interface', host }),
    candidate({ kind: 'interface', transport: 'tcp', host, port: 4002 })
  ]
  const mine = { ...described('port-restricted', '5.5.1.1'), candidates: lan('192.168.1.2') }
  const theirs = { ...described('port-restricted', '5.5.1.1'), candidates: lan('192.168.1.3') }
  expect(taken(plan({ role: 'initiator', mine, theirs }))).toBe('lan:probe lan:dial')
  expect(taken(plan({ role: 'responder', mine, theirs }))).toBe('lan:probe')
})

test('with IPv6 at both ends, both probe', () => {
  const six = candidate({ kind: 'open', family: 6, host: '2001:db9::1' })
  const of = (host: string) => ({
    ...described('symmetric', host),
    candidates: [...described('symmetric', host).candidates, six]
  })
  expect(taken(plan({ role: 'initiator', mine: of('5.5.1.1'), theirs: of('5.5.2.1') }))).toBe('ipv6:probe')
})

test('a way that one side does not know is not gone', () => {
  const mine = described('port-restricted', '5.5.1.1')
  const theirs = { ...described('port-restricted', '5.5.2.1'), ways: ['lan'] as const }
  expect(taken(plan({ role: 'initiator', mine, theirs, tcpLocalPort: 1 }))).toBe('')
})

test.each([
  ['port-restricted', 'other-ports', 'udp-punch:probe birthday:spray'],
  ['other-ports', 'port-restricted', 'udp-punch:probe birthday:many-sockets'],
  ['not-known', 'other-ports', 'udp-punch:probe birthday:spray'],
  ['full-cone', 'other-ports', 'udp-punch:probe'],
  ['symmetric', 'other-ports', 'birthday:many-sockets'],
  ['other-ports', 'other-ports', 'udp-punch:probe'],
  ['udp-blocked', 'other-ports', '']
] as const)('a NAT that may be a hard one is punched either way: %s x %s does %s', (mine, theirs, steps) => {
  const all = plan({ role: 'initiator', mine: described(mine, '5.5.1.1'), theirs: described(theirs, '5.5.2.1') })
  expect(taken(all)).toBe(steps)
})

test('without a report of a NAT it is taken for an easy one', () => {
  const unknown = (host: string) => ({ ...described('port-restricted', host), nats: [] })
  expect(taken(plan({ role: 'initiator', mine: unknown('5.5.1.1'), theirs: unknown('5.5.2.1') }))).toBe(
    'udp-punch:probe'
  )
})
