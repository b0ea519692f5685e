import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { ALL_STRATEGIES } from '../../src/punch/index.ts'
import { plan } from '../../src/punch/plan.ts'
import type { PlanEntry, Step } from '../../src/punch/plan.ts'
import type { Description, NatView, Role } from '../../src/punch/types.ts'
import { candidate } from './support/descriptions.ts'

const behaviours = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const
const view: fc.Arbitrary<NatView> = fc.record(
  {
    family: fc.constant(4 as const),
    udp: fc.boolean(),
    mapping: fc.constantFrom('none', ...behaviours),
    filtering: fc.constantFrom(...behaviours),
    pool: fc.constantFrom({ low: 40_000, high: 40_063 }, { low: 2_000, high: 60_000 }),
    changesPorts: fc.constant(true as const)
  },
  { requiredKeys: ['family', 'udp'] }
)

/** What a node says that a server saw over UDP. */
const described = (host: string): fc.Arbitrary<Description> =>
  fc.array(view, { maxLength: 1 }).map((nats) => ({
    candidates: [candidate({ host })],
    nats,
    streamIds: [1, 2, 3, 4],
    ways: ALL_STRATEGIES
  }))
const ends = { initiator: described('5.5.1.1'), responder: described('5.5.2.1') }

type Ends = Readonly<Record<Role, Description>>

function planOf(role: Role, { initiator, responder }: Ends): readonly PlanEntry[] {
  const [mine, theirs] = role === 'initiator' ? [initiator, responder] : [responder, initiator]
  return plan({ role, mine, theirs })
}

function steps(entries: readonly PlanEntry[]): { readonly type: Step['type']; readonly at: number }[] {
  return entries.flatMap((entry) => ('step' in entry ? [{ type: entry.step.type, at: entry.delayMs }] : []))
}

/** As one says it, or hears it, that does not know of ports that change. */
function older(about: Description): Description {
  return { ...about, nats: about.nats.map(({ changesPorts: _, ...rest }) => rest) }
}

const OTHER_PART: Partial<Record<Step['type'], Step['type']>> = {
  probe: 'probe',
  'many-sockets': 'spray',
  spray: 'many-sockets',
  sweep: 'sweep'
}

test.prop([fc.record(ends)], { numRuns: 500, seed: 4 })(
  'whatever the NATs are, each end does its part of what the other one does, and at the same time',
  (both) => {
    const [mine, theirs] = [steps(planOf('initiator', both)), steps(planOf('responder', both))]
    const parts = (from: typeof mine) =>
      from.flatMap(({ type, at }) => (type in OTHER_PART ? [{ type: OTHER_PART[type], at }] : []))
    expect(parts(mine)).toEqual(theirs.filter(({ type }) => type in OTHER_PART))
    expect(parts(theirs)).toEqual(mine.filter(({ type }) => type in OTHER_PART))
  }
)

test.prop([fc.record(ends), fc.constantFrom<Role>('initiator', 'responder')], { numRuns: 500, seed: 4 })(
  'that ports change adds a birthday at most: with an end that does not know of it all else goes as before',
  (both, role) => {
    const [now, before] = [
      planOf(role, both),
      planOf(role, { initiator: older(both.initiator), responder: older(both.responder) })
    ]
    const others = (entries: readonly PlanEntry[]) => entries.filter(({ strategy }) => strategy !== 'birthday')
    expect(others(now)).toEqual(others(before))
    const birthdays = (entries: readonly PlanEntry[]) =>
      entries.filter((entry) => entry.strategy === 'birthday' && 'step' in entry)
    expect(birthdays(now)).toEqual(expect.arrayContaining(birthdays(before)))
  }
)
