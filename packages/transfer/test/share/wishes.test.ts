import { describe, expect, test } from 'vitest'
import type { SwarmMember } from '../../src/share/member.ts'
import { Wishes } from '../../src/share/wishes.ts'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import { IndexBudget } from '../../src/swarm/index-budget.ts'
import type { Message } from '../../src/wire/codec.ts'
import { all, deliver, expand, fieldOf, policyOf, requested, wholeRun } from '../swarm/support/share-policy.ts'
import { BUSY_PAUSE_MS } from '../../src/swarm/leech.ts'

/** A member, and what it was told. */
function memberOf(): { member: Pick<SwarmMember, 'session'>; told: Message[]; urgent(): number[][] } {
  const told: Message[] = []
  const session = { send: (message: Message) => told.push(message) } as unknown as SwarmMember['session']
  const urgent = (): number[][] =>
    told.flatMap((message) => (message.type === 'want' && message.urgent ? [expand(message.ranges)] : []))
  return { member: { session }, told, urgent }
}

function wishesOf(leafCount = 200) {
  const policy = policyOf({ leafCount, peers: ['a'] })
  policy.onHave('a', all(leafCount), 0)
  const { member, told, urgent } = memberOf()
  const wishes = new Wishes({ members: () => [member], wants: () => undefined })
  wishes.use(policy)
  return { policy, wishes, told, urgent }
}

const reader = {}
const due = (leaves: readonly number[]) => ({ leaves, dueMs: 0, eachMs: 1 })

describe('peers are told', () => {
  test('nothing, while nobody is in a hurry', () => {
    const { policy, wishes, told } = wishesOf()
    const [leaf = 0] = requested(policy.onGrant('a', 1, 0), 'a')
    deliver(policy, leaf, 'a', 1)
    wishes.refresh()
    expect(told).toEqual([])
  })

  test('what a reader needs, at once, and that it does not any more', () => {
    const { wishes, urgent } = wishesOf()
    wishes.setDeadline(reader, due([7, 8]))
    wishes.setDeadline(reader, undefined)
    expect(urgent()).toEqual([[7, 8], []])
  })

  test('what comes next of a sequence, again when half of it was asked for', () => {
    const { policy, wishes, urgent } = wishesOf()
    wishes.reorder({ sequential: true })
    const [first = []] = urgent()
    expect(first).toEqual(all(first.length))
    for (let at = 0; at < first.length; at++) {
      for (const leaf of requested(policy.onGrant('a', 1, at), 'a')) {
        deliver(policy, leaf, 'a', at)
        wishes.refresh()
      }
    }
    expect(urgent().length).toBeLessThanOrEqual(3)
    expect(urgent()[1]?.[0]).toBe(first.length / 2)
  })

  test('once what a peer did not send that was asked for it, and again when that happens again', () => {
    const { policy, wishes, urgent } = wishesOf(3)
    const asked = requested(policy.onGrant('a', 2, 0), 'a')
    const reject = (leaves: readonly number[], now: number): void => {
      const runs = leaves.map((leaf) => wholeRun(leaf))
      policy.onReject('a', runs, true, now)
      wishes.refresh()
      wishes.refresh()
    }
    reject(asked, 1)
    expect(urgent()).toEqual([asked.toSorted((one, other) => one - other)])
    const again = requested(policy.onGrant('a', 3, 1 + BUSY_PAUSE_MS), 'a')
    expect(again).toHaveLength(3)
    wishes.refresh()
    expect(urgent()).toHaveLength(1)
    reject(again.slice(1, 2), 2 + BUSY_PAUSE_MS)
    expect(urgent().slice(1)).toEqual([again.slice(1, 2)])
  })

  test('again of what came back and was asked of somebody meanwhile, when they are reminded', () => {
    const { policy, wishes, urgent } = wishesOf(3)
    policy.peerJoined('b', 0)
    policy.onHave('b', all(3), 0)
    const [leaf = -1] = requested(policy.onGrant('a', 1, 0), 'a')
    policy.onReject('a', [wholeRun(leaf)], true, 1)
    wishes.remind()
    wishes.remind()
    expect(urgent()).toEqual([[leaf]])
    // asked, and denied, between two reminders
    expect(requested(policy.onOffer('b', [leaf], 2), 'b')).toEqual([leaf])
    policy.onReject('b', [wholeRun(leaf)], true, 3)
    wishes.refresh()
    expect(urgent()).toEqual([[leaf]])
    wishes.remind()
    expect(urgent()).toEqual([[leaf], [leaf]])
  })

  test('what is wanted too, or all that still is, which is not urgent for that', () => {
    const policy = policyOf({ leafCount: 20, missing: [0], peers: ['a'] })
    const { member, told } = memberOf()
    let wants = fieldOf(20, [0, 3, 4])
    const wishes = new Wishes({ members: () => [member], wants: () => wants })
    wishes.use(policy)
    const driver = { policy, act: () => undefined } as unknown as Parameters<Wishes['choose']>[0]
    wishes.choose(driver, { more: [3, 4], less: [] })
    wants = fieldOf(20, [4])
    wishes.choose(driver, { more: [], less: [0, 3] })
    expect(told).toEqual([
      { type: 'want', ranges: [{ start: 3, count: 2 }], urgent: false, adds: true },
      { type: 'want', ranges: [{ start: 4, count: 1 }], urgent: false, adds: false }
    ])
    expect(policy.missing).toBe(1)
  })

  test('when they come later, too', () => {
    const { wishes } = wishesOf()
    wishes.setDeadline(reader, due([7]))
    const late = memberOf()
    wishes.introduce(late.member)
    expect(late.urgent()).toEqual([[7]])
  })
})

test('a choice that changes every second is said late, but what peers bound is kept, and the last word is the truth', () => {
  const leafCount = 100_000
  const tenths = [0, 50_000].map((from) => all(leafCount / 10).map((leaf) => from + leaf))
  const [one = [], other = []] = tenths
  const policy = policyOf({ leafCount, peers: ['a'] })
  const { member, told } = memberOf()
  const wants = Bitfield.full(leafCount)
  one.forEach((leaf) => wants.clear(leaf))
  let now = 0
  const wishes = new Wishes({ members: () => [member], wants: () => wants, now: () => now })
  wishes.use(policy)
  const driver = { policy, act: () => undefined } as unknown as Parameters<Wishes['choose']>[0]
  const peer = new IndexBudget(leafCount, now)
  let known = new Bitfield(leafCount)
  /** What the peer makes of it. */
  const hear = (): void => {
    for (const message of told.splice(0)) {
      const { ranges, adds } = message.type === 'want' ? message : { ranges: [] }
      const indices = ranges.reduce((sum, { count }) => sum + count, 0)
      expect(peer.take(indices, now)).toBe(true)
      known = adds === true ? known : new Bitfield(leafCount)
      ranges.forEach((range) => {
        known.setRange(range)
      })
    }
  }
  for (let turn = 0; turn < 20; turn++, now += 1000) {
    const [more, less] = turn % 2 === 0 ? [one, other] : [other, one]
    more.forEach((leaf) => wants.set(leaf))
    less.forEach((leaf) => wants.clear(leaf))
    wishes.choose(driver, { more, less })
    hear()
  }
  for (let look = 0; look < 240; look++, now += 250) {
    wishes.refresh()
    hear()
  }
  expect([...known.ranges()]).toEqual([...wants.ranges()])
})

test('another policy hears of everything that was wished before', () => {
  const { wishes } = wishesOf()
  wishes.setDeadline(reader, due([150, 151]))
  wishes.reorder({ sequential: true })
  const next = policyOf({ leafCount: 200, peers: ['a'] })
  next.onHave('a', all(200), 0)
  wishes.use(undefined)
  wishes.use(next)
  expect(requested(next.onGrant('a', 4, 0), 'a')).toEqual([150, 151, 0, 1])
})
