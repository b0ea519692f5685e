import { describe, expect, test } from 'vitest'
import {
  CHANNEL_ANSWER_MS,
  CHANNEL_PROVEN_BYTES,
  CHANNEL_RATE_BYTES,
  CHANNEL_RATE_MS,
  CHANNEL_RETRY_MS,
  CHANNEL_SETTLE_MS,
  CHANNEL_WORTH_BYTES,
  InboundPlan,
  MAX_CHANNEL_FAILURES,
  MAX_CHANNEL_REQUESTS,
  OutboundPlan
} from '../../src/session/channel-plan.ts'

const token = new Uint8Array(32)
const much = CHANNEL_WORTH_BYTES

/** A plan that has asked for channel 1 at time 0. */
function asked(): InboundPlan {
  const plan = new InboundPlan()
  expect(plan.onBytes(CHANNEL_RATE_BYTES, much, 0)).toEqual([{ type: 'ask', id: 1 }])
  return plan
}

/** One that has channel 1. */
function open(): InboundPlan {
  const plan = asked()
  plan.onInvite(1, token, 4001)
  plan.opened(1)
  return plan
}

describe('whether a channel is worth it', () => {
  test('for CHANNEL_WORTH_BYTES that are missing, and for no byte less', () => {
    expect(new InboundPlan().onBytes(CHANNEL_RATE_BYTES, much - 1, 0)).toEqual([])
    expect(new InboundPlan().onBytes(CHANNEL_RATE_BYTES, much, 0)).toEqual([{ type: 'ask', id: 1 }])
  })

  test('from a peer that sends CHANNEL_RATE_BYTES in CHANNEL_RATE_MS, and not from one that takes longer', () => {
    const fast = new InboundPlan()
    fast.onBytes(1, much, 0)
    expect(fast.onBytes(CHANNEL_RATE_BYTES - 1, much, CHANNEL_RATE_MS)).toEqual([{ type: 'ask', id: 1 }])
    const slow = new InboundPlan()
    slow.onBytes(1, much, 0)
    expect(slow.onBytes(CHANNEL_RATE_BYTES - 1, much, CHANNEL_RATE_MS + 1)).toEqual([])
  })

  test('over the path of the connection it is as soon as data is asked for, when CHANNEL_WORTH_BYTES are missing', () => {
    expect(new InboundPlan().onRequest(much - 1, 0)).toEqual([])
    const plan = new InboundPlan()
    expect(plan.onRequest(much, 0)).toEqual([{ type: 'ask', id: 1 }])
    expect(plan.onRequest(much, CHANNEL_ANSWER_MS - 1)).toEqual([])
    expect(plan.onRequest(much, CHANNEL_ANSWER_MS)).toEqual([{ type: 'closed', id: 1, lost: false }])
  })

  test('after a move it can have to wait', () => {
    const plan = open()
    plan.renew(CHANNEL_SETTLE_MS)
    expect(plan.onBytes(CHANNEL_RATE_BYTES, much, CHANNEL_SETTLE_MS - 1)).toEqual([])
    expect(plan.onBytes(CHANNEL_RATE_BYTES, much, CHANNEL_SETTLE_MS)).toEqual([{ type: 'ask', id: 2 }])
  })

  test('it is asked for once', () => {
    expect(asked().onBytes(CHANNEL_RATE_BYTES, much, 1)).toEqual([])
    expect(open().onBytes(CHANNEL_RATE_BYTES, much, 1)).toEqual([])
  })
})

describe('the receiver', () => {
  test('dials when it is invited, and says when the channel is open', () => {
    const plan = asked()
    expect(plan.onInvite(1, token, 4001)).toEqual([{ type: 'dial', id: 1, token, port: 4001 }])
    expect(plan.opened(1)).toEqual([{ type: 'open', id: 1 }])
    expect(plan.isOpen(1)).toBe(true)
  })

  test('invites when it could not dial, and when it was refused', () => {
    const plan = asked()
    plan.onInvite(1, token, 4001)
    expect(plan.dialFailed(1)).toEqual([{ type: 'invite', id: 1 }])
    expect(asked().onRefuse(1, 5)).toEqual([{ type: 'invite', id: 1 }])
  })

  test('is refused twice: it gives up, and loses nothing', () => {
    const plan = asked()
    plan.onRefuse(1, 5)
    expect(plan.onRefuse(1, 6)).toEqual([{ type: 'closed', id: 1, lost: false }])
    expect(plan.onRefuse(1, 7)).toEqual([])
  })

  test('does not dial for an invitation that it did not ask for, or asked for before', () => {
    expect(new InboundPlan().onInvite(1, token, 22)).toEqual([])
    expect(asked().onInvite(2, token, 22)).toEqual([])
    expect(open().onInvite(1, token, 22)).toEqual([])
  })

  test('waits CHANNEL_ANSWER_MS for an answer, and not a millisecond more', () => {
    const plan = asked()
    expect(plan.onBytes(1, much, CHANNEL_ANSWER_MS - 1)).toEqual([])
    expect(plan.onBytes(1, much, CHANNEL_ANSWER_MS)).toEqual([{ type: 'closed', id: 1, lost: false }])
  })

  test('tries again after a loss, later each time, MAX_CHANNEL_FAILURES times in all', () => {
    const plan = new InboundPlan()
    let now = 0
    for (let failure = 1; failure <= MAX_CHANNEL_FAILURES; failure++) {
      expect(plan.onBytes(CHANNEL_RATE_BYTES, much, now)).toEqual([{ type: 'ask', id: failure }])
      plan.onInvite(failure, token, 4001)
      plan.opened(failure)
      expect(plan.lost(failure, 1, false, now)).toEqual([{ type: 'closed', id: failure, lost: true }])
      const wait = CHANNEL_RETRY_MS * 4 ** (failure - 1)
      expect(plan.onBytes(CHANNEL_RATE_BYTES, much, now + wait - 1)).toEqual([])
      now += wait + CHANNEL_RATE_MS
    }
    expect(plan.onBytes(CHANNEL_RATE_BYTES, much, now + 1e9)).toEqual([])
    expect(plan.state).toBe('off')
  })

  test('does not count the loss of a channel that carried CHANNEL_PROVEN_BYTES', () => {
    const plan = new InboundPlan()
    for (let id = 1; id <= 3 * MAX_CHANNEL_FAILURES; id++) {
      const now = id * 10 * CHANNEL_RETRY_MS
      expect(plan.onBytes(CHANNEL_RATE_BYTES, much, now)).toEqual([{ type: 'ask', id }])
      plan.onInvite(id, token, 4001)
      plan.opened(id)
      plan.lost(id, CHANNEL_PROVEN_BYTES, false, now)
    }
  })

  test('opens no other one after a peer broke the rules on one', () => {
    const plan = open()
    expect(plan.lost(1, CHANNEL_PROVEN_BYTES, true, 0)).toEqual([{ type: 'closed', id: 1, lost: true }])
    expect(plan.onBytes(CHANNEL_RATE_BYTES, much, 1e9)).toEqual([])
  })

  test('closes what there is when it wants no more, and wants nothing then', () => {
    expect(open().stop()).toEqual([{ type: 'closed', id: 1, lost: true }])
    const plan = asked()
    expect(plan.stop()).toEqual([{ type: 'closed', id: 1, lost: false }])
    expect([plan.onInvite(1, token, 1), plan.onBytes(CHANNEL_RATE_BYTES, much, 1e9)]).toEqual([[], []])
    expect(new InboundPlan().stop()).toEqual([])
  })

  test('gives back a channel that came when it was not wanted any more', () => {
    const plan = asked()
    plan.onInvite(1, token, 4001)
    plan.stop()
    expect(plan.opened(1)).toEqual([{ type: 'closed', id: 1, lost: false }])
  })
})

describe('the sender', () => {
  test('uses a channel when it has it and the receiver has said so, in either order', () => {
    const first = new OutboundPlan()
    expect(first.onAsk(1)).toEqual([{ type: 'invite', id: 1 }])
    expect([first.opened(1), first.onOpen(1)]).toEqual([[], [{ type: 'use' }]])
    const second = new OutboundPlan()
    expect(second.onInvite(1, token, 9)).toEqual([{ type: 'dial', id: 1, token, port: 9 }])
    expect([second.onOpen(1), second.opened(1)]).toEqual([[], [{ type: 'use' }]])
  })

  test('stops when it loses the channel, until the receiver says what it lacks', () => {
    const plan = new OutboundPlan()
    plan.onAsk(1)
    plan.opened(1)
    plan.onOpen(1)
    expect(plan.lost(1)).toEqual([{ type: 'halt', id: 1 }])
    expect(plan.lost(1)).toEqual([])
    expect(plan.onClosed(1)).toEqual([{ type: 'drop' }])
  })

  test('does not stop for a channel that it never used', () => {
    const plan = new OutboundPlan()
    plan.onAsk(1)
    plan.opened(1)
    expect(plan.lost(1)).toEqual([{ type: 'refuse', id: 1 }])
    expect(plan.onOpen(1)).toEqual([])
  })

  test('refuses what it cannot open', () => {
    const plan = new OutboundPlan()
    plan.onAsk(1)
    expect(plan.failed(1)).toEqual([{ type: 'refuse', id: 1 }])
    expect(plan.onInvite(1, token, 9)).toEqual([{ type: 'drop' }, { type: 'dial', id: 1, token, port: 9 }])
  })

  test('does not mind words about channels that are over', () => {
    const plan = new OutboundPlan()
    expect([plan.onClosed(1), plan.onOpen(1), plan.opened(1), plan.failed(1), plan.lost(1)]).toEqual([
      [],
      [],
      [],
      [],
      []
    ])
  })

  test('is asked MAX_CHANNEL_REQUESTS times in a session; one more is refused', () => {
    const plan = new OutboundPlan()
    for (let id = 1; id <= MAX_CHANNEL_REQUESTS; id++) {
      expect(plan.onAsk(id).at(-1)).toEqual({ type: 'invite', id })
      plan.onClosed(id)
    }
    expect(plan.onAsk(99)).toEqual([{ type: 'refuse', id: 99 }])
    expect(plan.onInvite(99, token, 9)).toEqual([{ type: 'refuse', id: 99 }])
  })
})

describe('a session that has moved', () => {
  test('gives up what was begun, and may ask at once', () => {
    const plan = open()
    expect(plan.renew()).toEqual([{ type: 'closed', id: 1, lost: true }])
    expect(plan.onBytes(CHANNEL_RATE_BYTES, much, 1)).toEqual([{ type: 'ask', id: 2 }])
  })

  test('tries again where everything had failed before', () => {
    const plan = new InboundPlan()
    let now = 0
    for (let failure = 1; failure <= MAX_CHANNEL_FAILURES; failure++) {
      now += CHANNEL_RETRY_MS * 4 ** failure
      plan.onBytes(CHANNEL_RATE_BYTES, much, now)
      plan.onRefuse(failure, now)
      plan.onRefuse(failure, now)
    }
    expect(plan.state).toBe('off')
    expect(plan.renew()).toEqual([])
    expect(plan.onBytes(CHANNEL_RATE_BYTES, much, now)).toEqual([{ type: 'ask', id: MAX_CHANNEL_FAILURES + 1 }])
  })

  test('wants no channel where it wanted none any more, or where the peer broke the rules', () => {
    const stopped = open()
    stopped.stop()
    expect(stopped.renew()).toEqual([])
    expect(stopped.state).toBe('off')
    const broken = open()
    broken.lost(1, 0, true, 0)
    broken.renew()
    expect(broken.state).toBe('off')
  })
})
