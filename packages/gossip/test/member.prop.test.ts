import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { nextMember } from '../src/member.ts'
import type { MemberEvent, MemberRecord } from '../src/member.ts'

const timing = { graceMs: 10, presenceMs: 100 }
const sequence = fc.bigInt({ min: 0n, max: 20n })
const event: fc.Arbitrary<MemberEvent> = fc.oneof(
  fc.constantFrom<MemberEvent>({ type: 'connected' }, { type: 'disconnected' }, { type: 'tick' }),
  fc.record({ type: fc.constant('here' as const), sequence }),
  fc.record({ type: fc.constant('leaving' as const), sequence })
)
const history = fc.array(fc.tuple(event, fc.nat({ max: 60 })), { maxLength: 40 })

function run(list: [MemberEvent, number][]): { record: MemberRecord | undefined; now: number } {
  let now = 0
  let record: MemberRecord | undefined
  for (const [each, afterMs] of list) {
    now += afterMs
    record = nextMember(record, each, now, timing)
  }
  return { record, now }
}

test.prop([history])('only a living member without a connection has a deadline, and it always has one', (list) => {
  const { record } = run(list)
  if (record !== undefined) {
    expect(record.deadline !== undefined).toBe(record.state === 'alive' && !record.connected)
  }
})

test.prop([history])('nobody who is not connected stays alive for ever', (list) => {
  const { record, now } = run([...list, [{ type: 'disconnected' }, 0]])
  const later = nextMember(record, { type: 'tick' }, now + timing.presenceMs, timing)
  expect(later?.state).not.toBe('alive')
})

test.prop([history, event])('a message that was seen before changes nothing', (list, each) => {
  const { record, now } = run(list)
  const once = nextMember(record, each, now, timing)
  if (each.type === 'here' || each.type === 'leaving') {
    expect(nextMember(once, each, now + 1, timing)).toBe(once)
  }
})

test.prop([history])('the order of messages never goes back', (list) => {
  let last = -1n
  let record: MemberRecord | undefined
  for (const [each, now] of list) {
    record = nextMember(record, each, now, timing)
    expect((record?.sequence ?? -1n) >= last).toBe(true)
    last = record?.sequence ?? -1n
  }
})
