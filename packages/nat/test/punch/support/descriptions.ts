import type { Candidate, Description, NatView } from '../../../src/punch/types.ts'
import { ALL_STRATEGIES } from '../../../src/punch/index.ts'

/** NATs by the name a lab gives them, as the other side hears of them. */
export const NATS = {
  public: { mapping: 'none', filtering: 'endpoint-independent' },
  'full-cone': { mapping: 'endpoint-independent', filtering: 'endpoint-independent' },
  'address-restricted': { mapping: 'endpoint-independent', filtering: 'address-dependent' },
  'port-restricted': { mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' },
  symmetric: { mapping: 'address-and-port-dependent', filtering: 'address-and-port-dependent' },
  'symmetric-narrow': {
    mapping: 'address-and-port-dependent',
    filtering: 'address-and-port-dependent',
    pool: { low: 40_000, high: 40_063 }
  },
  // seen by one server at one port: the mapping is not known
  'not-known': {},
  'other-ports': { changesPorts: true },
  'easy-with-other-ports': { changesPorts: true }
} as const satisfies Record<string, Partial<NatView>>

export type NatName = keyof typeof NATS | 'udp-blocked'

export function candidate(fields: Partial<Candidate> = {}): Candidate {
  return { kind: 'outside', transport: 'udp', family: 4, host: '5.5.1.1', port: 4001, ...fields }
}

/** What a node behind such a NAT says of itself. */
export function described(name: NatName, host: string): Description {
  const tcp = candidate({ transport: 'tcp', host, port: 50_001 })
  if (name === 'udp-blocked') {
    return { candidates: [tcp], nats: [{ family: 4, udp: false }], streamIds: [], ways: ALL_STRATEGIES }
  }
  const hard = name.startsWith('symmetric')
  return {
    candidates: [
      candidate({ host, port: hard ? 40_001 : 4001 }),
      ...(name === 'public'
        ? [candidate({ kind: 'open', host }), candidate({ kind: 'open', transport: 'tcp', host })]
        : []),
      ...(hard ? [] : [tcp])
    ],
    nats: [{ family: 4, udp: true, ...NATS[name] }],
    streamIds: [11, 12, 13, 14],
    ways: ALL_STRATEGIES
  }
}
