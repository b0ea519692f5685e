import { describe, expect, it } from 'vitest'
import {
  createMachine,
  MAX_CONTACTS,
  MAX_LINKS,
  MAX_LINKS_AT_ALL,
  MAX_MEMBERS,
  MAX_METADATA_BYTES,
  MAX_PING_CLAIMS,
  MAX_PING_IDS,
  MAX_PUSH_CLAIMS,
  MAX_SUMMARY_IDS,
  MAX_SYNC_CLAIMS,
  MAX_WANT_IDS,
  PROFILES,
  Roster
} from '../../src/membership/index.ts'
import type { Claim, MembershipMachine, MembershipMessage } from '../../src/membership/index.ts'
import { Link } from '../../src/membership/link.ts'
import { RING_RESERVE } from '../../src/membership/tending.ts'
import { Notary, randomOf } from './support/net.ts'

interface Rig {
  readonly machine: MembershipMachine
  readonly notary: Notary
  readonly sent: (MembershipMessage & { readonly to: number })[]
  readonly linked: number[]
  readonly unlinked: number[]
  readonly forgotten: number[]
  alive(subject: number, incarnation?: number, metadata?: Uint8Array): Claim
  push(claims: readonly Claim[], now?: number): void
}

const NEIGHBOUR = 1

/** One machine, number 0, that knows so many, linked with number 1. */
function rig(members: number, capacity = members + 100): Rig {
  const roster = new Roster({ capacity })
  const random = randomOf(7)
  for (let member = 0; member < capacity; member++) {
    roster.add(
      `peer-${member}`,
      Uint32Array.from({ length: 8 }, () => Math.floor(random() * 2 ** 32))
    )
  }
  const notary = new Notary()
  const [sent, linked, unlinked, forgotten]: [Rig['sent'], number[], number[], number[]] = [[], [], [], []]
  const machine = createMachine({
    self: 0,
    roster,
    profile: PROFILES.wan,
    random,
    effects: {
      send: (to, message) => sent.push({ ...message, to }),
      link: (to) => linked.push(to),
      unlink: (to) => unlinked.push(to),
      sign: (claim) => notary.sign(claim, 0),
      notify: () => undefined,
      forget: (member) => forgotten.push(member)
    }
  })
  const alive = (subject: number, incarnation = 1, metadata?: Uint8Array): Claim =>
    notary.sign({ kind: 'alive', subject, incarnation, ...(metadata === undefined ? {} : { metadata }) }, subject)
  machine.start(0, { incarnation: 1, members: Array.from({ length: members }, (_, subject) => alive(subject)) })
  machine.linkUp(NEIGHBOUR, 0)
  const push = (claims: readonly Claim[], now = 0): void =>
    machine.receive(NEIGHBOUR, { type: 'push', hops: 1, claims }, now)
  return { machine, notary, sent, linked, unlinked, forgotten, alive, push }
}

function claimsIn(messages: readonly MembershipMessage[], type: 'push' | 'sync'): number[] {
  return messages.flatMap((message) => (message.type === type ? [message.claims.length] : []))
}

describe('the bounds of a machine', () => {
  it('takes metadata of the most bytes and none of one more', () => {
    const { machine, push, alive } = rig(5)
    push([alive(2, 2, new Uint8Array(MAX_METADATA_BYTES))])
    expect(machine.record(2)?.incarnation).toBe(2)
    const large = alive(3, 2, new Uint8Array(MAX_METADATA_BYTES + 1))
    expect(machine.isNews(large, NEIGHBOUR, 0)).toBe(false)
    push([large])
    expect(machine.record(3)?.incarnation).toBe(1)
  })

  it('holds the most members and not one more, unless one that is gone makes room', () => {
    const { machine, push, alive, notary, forgotten } = rig(MAX_MEMBERS - 1)
    push([alive(MAX_MEMBERS - 1)])
    expect(machine.liveCount).toBe(MAX_MEMBERS - 1)
    const [next, after] = [alive(MAX_MEMBERS), alive(MAX_MEMBERS + 1)]
    expect(machine.isNews(next, NEIGHBOUR, 0)).toBe(false)
    push([next])
    expect(machine.record(MAX_MEMBERS)).toBeUndefined()
    push([notary.sign({ kind: 'left', subject: 9, incarnation: 1 }, 9)])
    push([next, after])
    expect(machine.record(MAX_MEMBERS)?.status).toBe('alive')
    expect(machine.record(MAX_MEMBERS + 1)).toBeUndefined()
    expect(machine.holds(9)).toBe(false)
    expect(forgotten).toEqual([9])
  })

  it('keeps the most ids for a ping and leaves one more to the comparisons', () => {
    const link = new Link(1)
    for (let id = 0; id <= MAX_PING_IDS; id++) {
      link.addId(id)
    }
    expect(link.takeIds()).toHaveLength(MAX_PING_IDS)
    expect(link.takeIds()).toHaveLength(0)
  })

  it('puts no more claims on a ping than may be on one', () => {
    const { machine, notary, push, sent } = rig(9)
    for (let signer = 2; signer < 8; signer++) {
      push([notary.sign({ kind: 'suspect', subject: 8, incarnation: 1, evidence: 'silent' }, signer)])
    }
    while (machine.record(8)?.status === 'suspect') {
      machine.tick(machine.wakeAt)
    }
    expect(machine.record(8)?.status).toBe('dead')
    sent.length = 0
    machine.linkUp(8, 10_000)
    const [ping] = sent
    expect(ping).toMatchObject({ type: 'ping', to: 8 })
    expect(ping !== undefined && 'claims' in ping ? ping.claims.length : 0).toBe(MAX_PING_CLAIMS)
  })

  it('asks for the most ids at once, and answers no more', () => {
    const { machine, sent, alive, push } = rig(100)
    const ids = Array.from({ length: MAX_WANT_IDS + 1 }, (_, id) => id)
    machine.receive(NEIGHBOUR, { type: 'ping', nonce: 0, ids, claims: [] }, 0)
    const want = sent.find(({ type }) => type === 'want')
    expect(want !== undefined && 'ids' in want ? want.ids : []).toHaveLength(MAX_WANT_IDS)
    const claims = Array.from({ length: MAX_WANT_IDS + 1 }, (_, at) => alive(at + 2, 2))
    push(claims)
    sent.length = 0
    machine.receive(NEIGHBOUR, { type: 'want', ids: claims.map(({ id }) => id) }, 0)
    expect(claimsIn(sent, 'push')).toEqual([MAX_WANT_IDS])
  })

  it('pushes and copies in messages of the most claims', () => {
    const { machine, sent, alive, push } = rig(600)
    machine.linkUp(599, 0)
    push(Array.from({ length: MAX_PUSH_CLAIMS + 1 }, (_, at) => alive(at + 2, 2)))
    sent.length = 0
    machine.tick(1000)
    expect(
      claimsIn(
        sent.filter(({ to }) => to === 599),
        'push'
      )
    ).toEqual([MAX_PUSH_CLAIMS, 1])
    sent.length = 0
    machine.receive(599, { type: 'digest', members: 1, buckets: [0, 0, 0, 0, 0, 0, 0, 0] }, 1000)
    const copies = claimsIn(sent, 'sync')
    expect(copies.reduce((sum, count) => sum + count, 0)).toBe(600)
    expect(Math.max(...copies)).toBeLessThanOrEqual(MAX_SYNC_CLAIMS)
  })

  it('summarises the most ids and compares the rest another time', () => {
    const { machine, sent } = rig(MAX_SUMMARY_IDS + 1000)
    sent.length = 0
    machine.receive(NEIGHBOUR, { type: 'digest', members: 5000, buckets: new Array<number>(64).fill(0) }, 0)
    const summary = sent.find(({ type }) => type === 'summary')
    const ids = summary !== undefined && 'ids' in summary ? summary.ids.length : 0
    expect(ids).toBeLessThanOrEqual(MAX_SUMMARY_IDS)
    expect(ids).toBeGreaterThan(MAX_SUMMARY_IDS / 2)
    machine.receive(NEIGHBOUR, { type: 'digest', members: 5000, buckets: [0] }, 0)
    const whole = sent.findLast(({ type }) => type === 'summary')
    expect(whole !== undefined && 'ids' in whole ? whole.ids.length : 0).toBe(MAX_SUMMARY_IDS)
  })

  it('takes links up to its bound less a reserve for its rings, beyond it only those that a ring or a newcomer needs', () => {
    const { machine, unlinked } = rig(1000)
    const chosen = MAX_LINKS - RING_RESERVE
    for (let peer = 2; peer <= chosen; peer++) {
      machine.linkUp(peer, 0)
    }
    expect(machine.stats().links).toBe(chosen)
    expect(unlinked).toEqual([])
    for (let peer = chosen + 1; peer < 900; peer++) {
      machine.linkUp(peer, 0)
    }
    // up to three voters a ring
    expect(machine.stats().links).toBeLessThanOrEqual(MAX_LINKS + 24 + 8)
    for (let stranger = 1000; stranger < 1100; stranger++) {
      machine.linkUp(stranger, 0)
    }
    expect(machine.stats().links).toBeLessThanOrEqual(MAX_LINKS_AT_ALL + 1)
  })

  it('does not ask again and again for a link that is closed as soon as it is up', () => {
    const { machine, linked } = rig(200)
    const wanted = [...linked]
    expect(wanted.length).toBe(10)
    for (const peer of wanted) {
      machine.linkUp(peer, 0)
    }
    linked.length = 0
    for (let time = 1; time < 100; time++) {
      for (const peer of wanted) {
        machine.linkDown(peer, 'closed', time)
      }
      for (const peer of linked.slice(-wanted.length)) {
        machine.linkUp(peer, time)
      }
    }
    expect(linked.length).toBeLessThanOrEqual(wanted.length)
  })

  it('keeps the most contacts in a snapshot', () => {
    expect(rig(MAX_CONTACTS + 1).machine.snapshot()).toHaveLength(MAX_CONTACTS)
    expect(rig(MAX_CONTACTS + 2).machine.snapshot()).toHaveLength(MAX_CONTACTS)
    expect(rig(100).machine.snapshot()).toHaveLength(99)
  })

  it('takes a second signature of one claim by its id, so that all end with the same', () => {
    const { machine, push, alive } = rig(5)
    const [one, other] = [alive(2, 7), alive(2, 7)]
    const larger = one.id > other.id ? one : other
    push([one])
    push([other])
    push([one])
    expect(machine.record(2)?.claim).toBe(larger)
  })
})
