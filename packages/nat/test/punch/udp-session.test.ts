import type { Logger, PeerId } from '@libp2p/interface'
import { seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { MAX_SENDS_PER_TURN } from '../../src/punch/constants.ts'
import { plan } from '../../src/punch/plan.ts'
import type { PlanEntry } from '../../src/punch/plan.ts'
import type { ProbeStep } from '../../src/punch/probing.ts'
import type { Role } from '../../src/punch/types.ts'
import { UdpSession } from '../../src/punch/udp-session.ts'
import type { UdpOutcome } from '../../src/punch/udp-session.ts'
import { PROBE_BYTES, ProbeCodec, probeKey } from '../../src/punch/wire/probe.ts'
import { described } from './support/descriptions.ts'
import type { NatName } from './support/descriptions.ts'
import { NatWorld } from './support/nat-world.ts'
import type { FakeEndpoint, Nat } from './support/nat-world.ts'
import { VirtualTime } from './support/virtual-time.ts'

const ROUTERS: Record<string, Nat> = {
  'full-cone': { mapping: 'same', filtering: 'anybody' },
  'address-restricted': { mapping: 'same', filtering: 'host' },
  'port-restricted': { mapping: 'same', filtering: 'host-and-port' },
  symmetric: { mapping: 'random', filtering: 'host-and-port' },
  'symmetric-narrow': { mapping: 'random', filtering: 'host-and-port', low: 40_000, high: 40_063 },
  'other-ports': { mapping: 'random', filtering: 'host-and-port' },
  'easy-with-other-ports': { mapping: 'same', filtering: 'host-and-port' }
}

const HOSTS = { initiator: '5.5.1.1', responder: '5.5.2.1' } as const
const NEVER = new AbortController().signal
const log = Object.assign(() => undefined, { error: () => undefined, trace: () => undefined }) as unknown as Logger

interface Ran {
  readonly time: VirtualTime
  readonly world: NatWorld
  readonly outcomes: readonly PromiseSettledResult<UdpOutcome>[]
  readonly endpoints: Record<Role, FakeEndpoint>
  readonly spent: Record<Role, number>
}

interface Options {
  readonly seed?: number
  readonly loss?: number
  readonly budget?: number
  readonly wrongKey?: boolean
}

/** Both ends begin half a round trip apart, as with a relay. */
async function punch(
  names: Record<Role, NatName>,
  { seed = 1, loss = 0, budget = 1e9, wrongKey }: Options = {}
): Promise<Ran> {
  const time = new VirtualTime()
  const random = seededRandom(`punch ${seed}`)
  const world = new NatWorld(time, () => random.float(), { loss })
  const spent = { initiator: 0, responder: 0 }
  const endpoints = {
    initiator: world.endpoint(HOSTS.initiator, ROUTERS[names.initiator]!),
    responder: world.endpoint(HOSTS.responder, ROUTERS[names.responder]!)
  }
  const run = async (role: Role): Promise<UdpOutcome> => {
    const other = role === 'initiator' ? 'responder' : 'initiator'
    const entries = plan({
      role,
      mine: described(names[role], HOSTS[role]),
      theirs: described(names[other], HOSTS[other])
    })
    const key = wrongKey === true && role === 'responder' ? new Uint8Array(32) : KEY
    const session = new UdpSession({
      peer: { toString: () => other } as PeerId,
      role,
      endpoint: endpoints[role],
      codec: new ProbeCodec({ attempt: new Uint8Array(8), key, role }),
      ids: [1, 2, 3, 4].map((id) =>
        role === 'initiator' ? { local: id, remote: id + 10 } : { local: id + 10, remote: id }
      ),
      clock: time,
      random: () => random.float(),
      mayProbe: () => spent[role]++ < budget,
      log
    })
    await time.sleep(role === 'initiator' ? 50 : 0, NEVER)
    return session.run(probesOf(entries), NEVER)
  }
  const outcomes = await time.until(Promise.allSettled([run('initiator'), run('responder')]))
  return { time, world, outcomes, endpoints, spent }
}

const KEY = probeKey({ initiator: new Uint8Array(16).fill(1), responder: new Uint8Array(16).fill(2) })

function probesOf(entries: readonly PlanEntry[]): { step: ProbeStep; delayMs: number }[] {
  return entries.flatMap((entry) =>
    'step' in entry && ['probe', 'many-sockets', 'spray', 'sweep'].includes(entry.step.type)
      ? [{ step: entry.step as ProbeStep, delayMs: entry.delayMs }]
      : []
  )
}

function statuses({ outcomes }: Ran): string[] {
  return outcomes.map(({ status }) => status)
}

const BOTH = ['fulfilled', 'fulfilled']

test.each([
  ['full-cone', 'symmetric'],
  ['port-restricted', 'port-restricted'],
  ['port-restricted', 'full-cone'],
  ['address-restricted', 'symmetric'],
  ['symmetric', 'address-restricted']
] as const)('%s and %s find each other at once', async (initiator, responder) => {
  const ran = await punch({ initiator, responder })
  expect(statuses(ran)).toEqual(BOTH)
  // 50 ms until the initiator begins, a probe each way, and a hello each way
  expect(ran.time.now()).toBeLessThan(300)
  expect(ran.spent.initiator).toBeLessThan(40)
})

test.each([
  ['port-restricted', 'symmetric'],
  ['symmetric', 'port-restricted'],
  ['port-restricted', 'symmetric-narrow'],
  ['port-restricted', 'other-ports'],
  ['other-ports', 'port-restricted']
] as const)('%s and %s find each other by many sockets and many ports', async (initiator, responder) => {
  for (let seed = 0; seed < 5; seed++) {
    const ran = await punch({ initiator, responder }, { seed })
    expect(statuses(ran)).toEqual(BOTH)
    expect(ran.time.now()).toBeLessThan(2_000)
    // what the hard side opened and does not use is closed
    const hard = ran.endpoints[initiator === 'port-restricted' ? 'responder' : 'initiator']
    expect(hard.opened.filter(({ isOpen }) => isOpen).length).toBeLessThanOrEqual(1)
    expect(hard.opened.length).toBeLessThanOrEqual(255)
  }
})

test('who only changes ports is found at once, and opens no sockets', async () => {
  for (const [initiator, responder] of [
    ['port-restricted', 'easy-with-other-ports'],
    ['easy-with-other-ports', 'port-restricted'],
    ['easy-with-other-ports', 'easy-with-other-ports']
  ] as const) {
    const ran = await punch({ initiator, responder })
    expect(statuses(ran)).toEqual(BOTH)
    expect(ran.time.now()).toBeLessThan(300)
    expect([...ran.endpoints.initiator.opened, ...ran.endpoints.responder.opened]).toEqual([])
  }
})

test('two narrow pools find each other', async () => {
  const found = await Promise.all(
    [0, 1, 2, 3].map(async (seed) => punch({ initiator: 'symmetric-narrow', responder: 'symmetric-narrow' }, { seed }))
  )
  expect(found.filter((ran) => statuses(ran).every((status) => status === 'fulfilled')).length).toBeGreaterThanOrEqual(
    3
  )
})

test('a tenth of all datagrams lost costs time, and nothing else', async () => {
  for (let seed = 0; seed < 10; seed++) {
    const ran = await punch({ initiator: 'port-restricted', responder: 'port-restricted' }, { seed, loss: 0.1 })
    expect(statuses(ran)).toEqual(BOTH)
    expect(ran.time.now()).toBeLessThan(3_000)
  }
})

test('probes without the right key open nothing, and are not answered', async () => {
  const ran = await punch({ initiator: 'full-cone', responder: 'full-cone' }, { wrongKey: true })
  expect(ran.outcomes[0]).toMatchObject({ reason: { message: 'no probe of the peer came through' } })
  expect(statuses(ran)).toEqual(['rejected', 'rejected'])
  // a second at short intervals, four at long ones, each side; one guess of the initiator, with its handshake; no acks
  expect(ran.world.sent).toBeLessThanOrEqual(2 * (51 + 41) + 3 + 51 + 6)
})

test('with its budget spent a node says nothing more', async () => {
  const ran = await punch({ initiator: 'port-restricted', responder: 'symmetric' }, { budget: 10 })
  expect(statuses(ran)).toEqual(['rejected', 'rejected'])
  expect(ran.world.sent).toBeLessThanOrEqual(20)
})

test('when the transport gives fewer sockets, those there are do', async () => {
  const time = new VirtualTime()
  const world = new NatWorld(time, Math.random)
  const endpoint = world.endpoint('5.5.1.1', ROUTERS['symmetric']!)
  endpoint.maxSockets = 10
  const session = new UdpSession({
    peer: { toString: () => 'peer' } as PeerId,
    role: 'initiator',
    endpoint,
    codec: new ProbeCodec({ attempt: new Uint8Array(8), key: KEY, role: 'initiator' }),
    ids: [{ local: 1, remote: 2 }],
    clock: time,
    random: Math.random,
    mayProbe: () => true,
    log
  })
  const target = { host: '5.5.2.1', port: 4001 }
  const step = { type: 'many-sockets', target, sockets: 256 } as const
  const work = session.run([{ step, delayMs: 0 }], NEVER)
  await expect(time.until(work)).rejects.toMatchObject({ code: 'ERR_STRATEGY_FAILED' })
  expect(endpoint.opened).toHaveLength(10)
  expect(endpoint.opened.every(({ isOpen }) => !isOpen)).toBe(true)
})

test('an attempt that is given up ends at once and closes its sockets', async () => {
  const time = new VirtualTime()
  const world = new NatWorld(time, Math.random)
  const endpoint = world.endpoint('5.5.1.1', ROUTERS['symmetric']!)
  const abort = new AbortController()
  const session = new UdpSession({
    peer: { toString: () => 'peer' } as PeerId,
    role: 'responder',
    endpoint,
    codec: new ProbeCodec({ attempt: new Uint8Array(8), key: KEY, role: 'responder' }),
    ids: [],
    clock: time,
    random: Math.random,
    mayProbe: () => true,
    log
  })
  const step = { type: 'many-sockets', target: { host: '5.5.2.1', port: 4001 }, sockets: 256 } as const
  const work = session.run([{ step, delayMs: 0 }], abort.signal)
  time.after(100, () => {
    abort.abort(new Error('enough'))
  })
  await expect(time.until(work)).rejects.toThrow('enough')
  expect(time.now()).toBe(100)
  expect(endpoint.opened.length).toBeGreaterThan(MAX_SENDS_PER_TURN)
  expect(endpoint.opened.every(({ isOpen }) => !isOpen)).toBe(true)
  await expect(session.run([], abort.signal)).rejects.toThrow('enough')
})

test('where the responder is easy, the initiator does not wait to hear from it', async () => {
  const guessed = await punch({ initiator: 'symmetric', responder: 'address-restricted' })
  expect(statuses(guessed)).toEqual(BOTH)
  // half an exchange, 8 ms of lead, and a hello each way
  expect(guessed.time.now()).toBeLessThan(50 + 8 + 2 * 40 + 20)
})

test('a probe is shorter than what it travels in', () => {
  expect(PROBE_BYTES).toBe(23)
})
