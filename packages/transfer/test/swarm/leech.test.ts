import { seededRandom } from '@p2pshare/testkit'
import { describe, expect, test } from 'vitest'
import {
  BUSY_PAUSE_MS,
  Leech,
  MAX_IN_FLIGHT_BYTES,
  MAX_REMEMBERED_PEERS,
  MAX_STALLS,
  MAX_WRONG_LEAVES,
  SNUB_MS
} from '../../src/swarm/leech.ts'
import type { LeechEffect } from '../../src/swarm/leech.ts'
import { MAX_OFFERS, MIN_RATE_BPS, REQUEST_TIMEOUT_MS, SLOW_AFTER_MS } from '../../src/swarm/source.ts'
import { REQUEST_WINDOW } from '../../src/swarm/window.ts'

const MIB = 1024 * 1024

function all(count: number): number[] {
  return [...Array(count).keys()]
}

/** A download of `leafCount` leaves with these peers, none of which said anything yet. */
function leech(leafCount: number, peers: readonly string[] = ['a'], leafBytes = MIB): Leech {
  const random = seededRandom('leech')
  const machine = new Leech({
    leafCount,
    leafBytes: () => leafBytes,
    missing: all(leafCount),
    random: () => random.float()
  })
  for (const peer of peers) {
    machine.peerJoined(peer, 0)
  }
  return machine
}

function requested(effects: readonly LeechEffect[], peer = 'a'): number[] {
  return effects.flatMap((effect) => (effect.type === 'request' && effect.peer === peer ? effect.leaves : []))
}

function passed(effects: readonly LeechEffect[], peer = 'a'): number[] {
  return effects.flatMap((effect) =>
    effect.type === 'pass' && effect.peer === peer
      ? effect.ranges.flatMap(({ start, count }) => all(count).map((at) => start + at))
      : []
  )
}

/** The peer delivers the leaf, and it is stored at once. */
function deliver(machine: Leech, leaf: number, peer: string, now: number): LeechEffect[] {
  machine.onBytes(peer, MIB, now)
  return [...machine.onDelivered(leaf, peer), ...machine.onStored(leaf, now)]
}

describe('asking', () => {
  test('a leaf that was announced is asked for at once, and of nobody else', () => {
    const machine = leech(1, ['a', 'b'])
    expect(machine.onHave('a', [0], 0)).toEqual([{ type: 'request', peer: 'a', leaves: [0] }])
    expect(machine.onHave('b', [0], 0)).toEqual([])
    expect(machine.isAskedOf(0, 'a')).toBe(true)
    expect(machine.isAskedOf(0, 'b')).toBe(false)
  })

  test('the window is filled and not passed: 4 MiB before anything is known of the rate', () => {
    const machine = leech(10)
    expect(requested(machine.onHave('a', all(10), 0))).toHaveLength(4)
    expect(machine.inFlightBytes).toBe(REQUEST_WINDOW.minBytes)
  })

  test('no more than maxLeaves small leaves are asked of one peer', () => {
    const machine = leech(1000, ['a'], 100)
    expect(requested(machine.onHave('a', all(1000), 0))).toHaveLength(REQUEST_WINDOW.maxLeaves)
  })

  test('each leaf that is stored makes room for another', () => {
    const machine = leech(10)
    const first = requested(machine.onHave('a', all(10), 0))
    expect(requested(deliver(machine, first[0] ?? -1, 'a', 10))).toHaveLength(1)
    expect(machine.missing).toBe(9)
  })

  test('a fast peer gets a deeper window', () => {
    const machine = leech(200)
    machine.onHave('a', all(200), 0)
    for (let now = 10; now <= 2000; now += 10) {
      machine.onBytes('a', MIB / 2, now)
    }
    const more = requested(machine.tick(2000))
    // 50 MiB/s for a quarter of a second, of which 4 MiB are asked for already
    expect(more.length).toBeGreaterThanOrEqual(8)
    expect(machine.inFlightBytes).toBeLessThanOrEqual(REQUEST_WINDOW.maxBytes)
  })

  test('MAX_IN_FLIGHT_BYTES bounds all peers together, and the next room is for the one that waited', () => {
    const peers = all(14).map((index) => `peer ${index}`)
    const machine = leech(200, peers)
    const effects = peers.flatMap((peer) => machine.onHave(peer, all(200), 0))
    expect(machine.inFlightBytes).toBe(MAX_IN_FLIGHT_BYTES)
    expect(requested(effects, 'peer 11')).toHaveLength(4)
    expect(requested(effects, 'peer 12')).toHaveLength(0)
    const [leaf = -1, next = -1] = requested(effects, 'peer 0')
    expect(deliver(machine, leaf, 'peer 0', 10)).toEqual([
      { type: 'request', peer: 'peer 12', leaves: [expect.any(Number)] }
    ])
    expect(deliver(machine, next, 'peer 0', 10)).toEqual([
      { type: 'request', peer: 'peer 13', leaves: [expect.any(Number)] }
    ])
  })

  test('what is held is not asked for', () => {
    const random = seededRandom('some')
    const machine = new Leech({ leafCount: 3, leafBytes: () => 1, missing: [1], random: () => random.float() })
    machine.peerJoined('a', 0)
    expect(requested(machine.onHave('a', all(3), 0))).toEqual([1])
    expect(machine.isMissing(0)).toBe(false)
  })
})

describe('offers', () => {
  test('an offered leaf is asked for before the rarest', () => {
    const machine = leech(20)
    machine.onHave('a', all(20), 0)
    machine.onOffer('a', [19], 0)
    const asked = all(20).filter((leaf) => machine.isAskedOf(leaf, 'a'))
    const effects = deliver(machine, asked.find((leaf) => leaf !== 19) ?? -1, 'a', 10)
    expect(asked.includes(19) || requested(effects).includes(19)).toBe(true)
  })

  test.each([
    ['is asked of somebody else', (machine: Leech) => machine.onHave('b', [0], 0)],
    ['is here', (machine: Leech) => machine.onStored(0, 0)]
  ])('an offered leaf that %s is passed', (_, prepare) => {
    const machine = leech(2, ['a', 'b'])
    prepare(machine)
    expect(machine.onOffer('a', [0, 1], 0)).toEqual([
      { type: 'pass', peer: 'a', ranges: [{ start: 0, count: 1 }] },
      { type: 'request', peer: 'a', leaves: [1] }
    ])
  })

  test('an offered leaf that was asked of that peer already has its answer', () => {
    const machine = leech(1)
    machine.onHave('a', [0], 0)
    expect(machine.onOffer('a', [0], 0)).toEqual([])
  })

  test('an offer that waits for room is passed when somebody else fills it meanwhile', () => {
    const machine = leech(6, ['a', 'b'])
    const asked = requested(machine.onOffer('a', all(6), 0))
    const waiting = all(6).filter((leaf) => !asked.includes(leaf))
    expect(requested(machine.onHave('b', waiting, 0), 'b').sort()).toEqual(waiting)
    expect(passed(deliver(machine, asked[0] ?? -1, 'a', 10)).sort()).toEqual(waiting)
  })

  test('MAX_OFFERS wait for one peer; past them they are passed', () => {
    const leafCount = MAX_OFFERS + 2
    const machine = leech(leafCount, ['a'], 2 * MIB)
    const effects = machine.onOffer('a', all(leafCount), 0)
    expect(passed(effects)).toEqual([MAX_OFFERS, MAX_OFFERS + 1])
  })

  test('the offers that are left when the download is complete are passed', () => {
    const machine = leech(1, ['a', 'b'])
    machine.onReject('b', [], 0, true) // b is left alone for a moment: its offer waits
    expect(machine.onOffer('b', [0], 0)).toEqual([])
    machine.onHave('a', [0], 0)
    deliver(machine, 0, 'a', 10)
    expect(machine.missing).toBe(0)
    expect(passed(machine.tick(BUSY_PAUSE_MS), 'b')).toEqual([0])
  })
})

describe('grants', () => {
  test('a grant is answered with at most as many requests as it allows', () => {
    const machine = leech(10)
    machine.onReject('a', [], 0, true)
    machine.onHave('a', all(10), 0)
    expect(requested(machine.onGrant('a', 2, BUSY_PAUSE_MS))).toHaveLength(2)
  })

  test('a grant for which there is nothing to ask is passed', () => {
    const machine = leech(10)
    expect(machine.onGrant('a', 1, 0)).toEqual([{ type: 'pass', peer: 'a', ranges: [] }])
  })

  test('an offer that is passed on the way is no answer to a grant', () => {
    const machine = leech(5, ['a', 'b'])
    machine.onReject('a', [], 0, true)
    machine.onOffer('a', [0], 0)
    machine.onHave('b', [0], 0)
    expect(machine.onGrant('a', 1, BUSY_PAUSE_MS)).toEqual([
      { type: 'pass', peer: 'a', ranges: [{ start: 0, count: 1 }] },
      { type: 'pass', peer: 'a', ranges: [] }
    ])
  })
})

describe('peers that do not deliver', () => {
  test('what a leaving peer was asked for is asked of another', () => {
    const machine = leech(1, ['a', 'b'])
    machine.onHave('a', [0], 0)
    machine.onHave('b', [0], 0)
    expect(machine.peerLeft('a', 5)).toEqual([{ type: 'request', peer: 'b', leaves: [0] }])
    expect(machine.inFlightBytes).toBe(MIB)
  })

  test('a leaf on its way to the disk is not asked for again when its sender leaves', () => {
    const machine = leech(1, ['a', 'b'])
    machine.onHave('a', [0], 0)
    machine.onHave('b', [0], 0)
    machine.onDelivered(0, 'a')
    expect(machine.peerLeft('a', 5)).toEqual([])
    expect(machine.tick(60_000)).toEqual([])
    expect(machine.hasSource).toBe(true)
    machine.onStored(0, 60_001)
    expect(machine.missing).toBe(0)
  })

  test('a rejected leaf is asked of another peer and not of that one again', () => {
    const machine = leech(1, ['a', 'b'])
    machine.onHave('a', [0], 0)
    machine.onHave('b', [0], 0)
    expect(machine.onReject('a', [0], 5, false)).toEqual([{ type: 'request', peer: 'b', leaves: [0] }])
    machine.peerLeft('b', 6)
    expect(machine.tick(60_000)).toEqual([])
    expect(machine.hasSource).toBe(false)
    expect(requested(machine.onHave('a', [0], 60_001))).toEqual([0])
  })

  test('a busy peer is asked again after BUSY_PAUSE_MS', () => {
    const machine = leech(1)
    machine.onHave('a', [0], 0)
    expect(machine.onReject('a', [0], 0, true)).toEqual([])
    expect(machine.tick(BUSY_PAUSE_MS - 1)).toEqual([])
    expect(requested(machine.tick(BUSY_PAUSE_MS))).toEqual([0])
  })

  test('a rejection of what was not asked for changes nothing', () => {
    const machine = leech(2, ['a', 'b'])
    machine.onHave('a', [0], 0)
    expect(machine.onReject('b', [0, 1], 0, false)).toEqual([])
    expect(machine.isAskedOf(0, 'a')).toBe(true)
    expect(machine.inFlightBytes).toBe(MIB)
  })

  test('silence for REQUEST_TIMEOUT_MS: the requests go, the offers are passed, and the peer is left alone for SNUB_MS', () => {
    const machine = leech(6)
    const asked = requested(machine.onOffer('a', all(6), 0))
    expect(machine.tick(REQUEST_TIMEOUT_MS - 1)).toEqual([])
    expect(machine.tick(REQUEST_TIMEOUT_MS)).toEqual([
      { type: 'cancel', peer: 'a', leaves: asked },
      { type: 'pass', peer: 'a', ranges: [{ start: 4, count: 2 }] }
    ])
    expect(machine.inFlightBytes).toBe(0)
    expect(machine.tick(REQUEST_TIMEOUT_MS + SNUB_MS - 1)).toEqual([])
    expect(requested(machine.tick(REQUEST_TIMEOUT_MS + SNUB_MS))).toHaveLength(4)
  })

  test('a byte within the time is enough, and so is a disk that takes its time', () => {
    const machine = leech(1)
    machine.onHave('a', [0], 0)
    machine.onBytes('a', 1_000_000, REQUEST_TIMEOUT_MS - 1)
    expect(machine.tick(REQUEST_TIMEOUT_MS + 1)).toEqual([])
    machine.onDelivered(0, 'a')
    expect(machine.tick(10 * REQUEST_TIMEOUT_MS)).toEqual([])
  })

  test('a drip below MIN_RATE_BPS counts as silence after SLOW_AFTER_MS', () => {
    const machine = leech(1)
    machine.onHave('a', [0], 0)
    for (let now = 0; now < SLOW_AFTER_MS; now += 1000) {
      machine.onBytes('a', MIN_RATE_BPS / 4, now)
      expect(machine.tick(now)).toEqual([])
    }
    expect(machine.tick(SLOW_AFTER_MS)).toEqual([{ type: 'cancel', peer: 'a', leaves: [0] }])
  })

  test('a slow link above MIN_RATE_BPS is left in peace', () => {
    const machine = leech(1)
    machine.onHave('a', [0], 0)
    for (let now = 0; now < 5 * SLOW_AFTER_MS; now += 1000) {
      machine.onBytes('a', MIN_RATE_BPS * 1.3, now)
      expect(machine.tick(now)).toEqual([])
    }
  })

  test('MAX_STALLS in a row and the peer is dropped; one before that it is not', () => {
    const machine = leech(1)
    machine.onHave('a', [0], 0)
    let now = 0
    for (let stall = 1; stall < MAX_STALLS; stall++) {
      now += REQUEST_TIMEOUT_MS
      expect(machine.tick(now)).toEqual([{ type: 'cancel', peer: 'a', leaves: [0] }])
      now += SNUB_MS
      expect(requested(machine.tick(now))).toEqual([0])
    }
    expect(machine.tick(now + REQUEST_TIMEOUT_MS)).toEqual([{ type: 'drop', peer: 'a', reason: 'stalled' }])
    expect(machine.hasSource).toBe(false)
  })

  test('a leaf in between, and the count begins anew; a byte does not do it', () => {
    const machine = leech(2, ['a'], 3 * MIB)
    machine.onHave('a', [0, 1], 0)
    machine.tick(REQUEST_TIMEOUT_MS)
    machine.tick(REQUEST_TIMEOUT_MS + SNUB_MS)
    const [leaf] = all(2).filter((each) => machine.isAskedOf(each, 'a'))
    deliver(machine, leaf ?? -1, 'a', REQUEST_TIMEOUT_MS + SNUB_MS)
    let now = REQUEST_TIMEOUT_MS + SNUB_MS
    for (let stall = 1; stall < MAX_STALLS; stall++) {
      machine.onBytes('a', 1, now)
      now += REQUEST_TIMEOUT_MS
      expect(machine.tick(now)).toMatchObject([{ type: 'cancel' }])
      now += SNUB_MS
      machine.tick(now)
    }
    expect(machine.tick(now + REQUEST_TIMEOUT_MS)).toMatchObject([{ type: 'drop', reason: 'stalled' }])
  })
})

describe('peers that lie', () => {
  test('a wrong leaf is asked of another peer; the one that sent it keeps its other requests', () => {
    const machine = leech(2, ['a', 'b'])
    machine.onHave('a', all(2), 0)
    machine.onHave('b', all(2), 0)
    expect(machine.onWrong(0, 'a', 5)).toEqual([{ type: 'request', peer: 'b', leaves: [0] }])
    expect(machine.isAskedOf(1, 'a')).toBe(true)
  })

  test('a wrong leaf that nobody else has is asked of the same peer again', () => {
    const machine = leech(1, ['a', 'b'])
    machine.onHave('a', [0], 0)
    expect(machine.onWrong(0, 'a', 5)).toEqual([{ type: 'request', peer: 'a', leaves: [0] }])
  })

  test('MAX_WRONG_LEAVES and it is dropped, not one earlier', () => {
    const machine = leech(10, ['a', 'b'])
    machine.onHave('a', all(10), 0)
    for (let wrong = 1; wrong < MAX_WRONG_LEAVES; wrong++) {
      const [leaf = -1] = all(10).filter((each) => machine.isAskedOf(each, 'a'))
      expect(machine.onWrong(leaf, 'a', wrong).some(({ type }) => type === 'drop')).toBe(false)
    }
    const [leaf = -1] = all(10).filter((each) => machine.isAskedOf(each, 'a'))
    expect(machine.onWrong(leaf, 'a', 9)).toEqual([{ type: 'drop', peer: 'a', reason: 'wrong-bytes' }])
    expect(machine.inFlightBytes).toBe(0)
  })

  test('leaving and coming back does not begin the count anew', () => {
    const machine = leech(10)
    for (let wrong = 1; wrong < MAX_WRONG_LEAVES; wrong++) {
      const [leaf = -1] = requested(machine.onHave('a', all(10), 0))
      machine.onWrong(leaf, 'a', 0)
      machine.peerLeft('a', 0)
      machine.peerJoined('a', 0)
    }
    const [leaf = -1] = requested(machine.onHave('a', all(10), 0))
    expect(machine.onWrong(leaf, 'a', 0)).toEqual([{ type: 'drop', peer: 'a', reason: 'wrong-bytes' }])
  })

  test('MAX_REMEMBERED_PEERS liars are remembered; the oldest is forgotten for one more', () => {
    const machine = leech(3, [])
    const lie = (peer: string): LeechEffect[] => {
      machine.peerJoined(peer, 0)
      const [leaf = -1] = requested(machine.onHave(peer, all(3), 0), peer)
      const effects = machine.onWrong(leaf, peer, 0)
      machine.peerLeft(peer, 0)
      return effects
    }
    const dropped = (peer: string): boolean => lie(peer).some(({ type }) => type === 'drop')
    for (let round = 1; round < MAX_WRONG_LEAVES; round++) {
      expect(dropped('first')).toBe(false)
      expect(dropped('second')).toBe(false)
    }
    for (let index = 0; index < MAX_REMEMBERED_PEERS - 1; index++) {
      lie(`other ${index}`)
    }
    expect(dropped('second')).toBe(true)
    expect(dropped('first')).toBe(false)
  })
})

describe('the end', () => {
  test('a second source is told to stop when the first delivers', () => {
    const machine = leech(1, ['a', 'b'])
    machine.onHave('a', [0], 0)
    machine.onHave('b', [0], 0)
    expect(requested(machine.tick(9000), 'b')).toEqual([0])
    expect(machine.onDelivered(0, 'b')).toEqual([{ type: 'cancel', peer: 'a', leaves: [0] }])
    expect(machine.isAskedOf(0, 'a')).toBe(false)
    expect(machine.onStored(0, 9001)).toEqual([])
    expect(machine.inFlightBytes).toBe(0)
  })

  test('bytes of a leaf that was delivered are not expected any more, so that nobody can send it again and again', () => {
    const machine = leech(1)
    machine.onHave('a', [0], 0)
    machine.onDelivered(0, 'a')
    expect(machine.isAskedOf(0, 'a')).toBe(false)
    expect(machine.isMissing(0)).toBe(true)
  })

  test('a leaf that came from elsewhere is cancelled where it was asked for', () => {
    const machine = leech(1)
    machine.onHave('a', [0], 0)
    expect(machine.onStored(0, 1)).toEqual([{ type: 'cancel', peer: 'a', leaves: [0] }])
    expect(machine.onStored(0, 1)).toEqual([])
  })
})

test('whoever is not connected is not heard', () => {
  const machine = leech(2, [])
  expect([
    machine.onHave('x', [0], 0),
    machine.onOffer('x', [0], 0),
    machine.onGrant('x', 1, 0),
    machine.onReject('x', [0], 0, false),
    machine.onWrong(0, 'x', 0),
    machine.onDelivered(0, 'x').filter(({ peer }) => peer === 'x'),
    machine.peerLeft('x', 0)
  ]).toEqual([[], [], [], [], [], [], []])
})

test('joining twice changes nothing', () => {
  const machine = leech(1)
  machine.onHave('a', [0], 0)
  machine.peerJoined('a', 5)
  expect(machine.isAskedOf(0, 'a')).toBe(true)
  machine.peerLeft('a', 6)
  expect(machine.inFlightBytes).toBe(0)
})
