import { expect, test } from 'vitest'
import { nextMember } from '../src/member.ts'
import type { MemberEvent, MemberRecord } from '../src/member.ts'

const timing = { graceMs: 10, presenceMs: 100 }
const connected: MemberRecord = { state: 'alive', since: 1, connected: true, sequence: 5n }
const heard: MemberRecord = { state: 'alive', since: 1, connected: false, sequence: 5n, deadline: 101 }
const missing: MemberRecord = { state: 'alive', since: 1, connected: false, sequence: 5n, deadline: 60 }
const dead: MemberRecord = { state: 'dead', since: 1, connected: false, sequence: 5n }
const left: MemberRecord = { state: 'left', since: 1, connected: true, sequence: 5n }
const leftAndGone: MemberRecord = { ...left, connected: false }

function after(record: MemberRecord | undefined, event: MemberEvent, now = 50): MemberRecord | undefined {
  return nextMember(record, event, now, timing)
}

test.each<[string, MemberRecord | undefined, MemberEvent, MemberRecord | undefined]>([
  [
    'an unknown peer that connects is alive',
    undefined,
    { type: 'connected' },
    { ...connected, since: 50, sequence: -1n }
  ],
  ['a member only heard of that connects needs no deadline', heard, { type: 'connected' }, connected],
  ['a member that reconnects within the grace was never dead', missing, { type: 'connected' }, connected],
  ['a dead member that connects is alive again', dead, { type: 'connected' }, { ...connected, since: 50 }],
  ['a member that left and connects is alive again', leftAndGone, { type: 'connected' }, { ...connected, since: 50 }],

  ['a closed connection starts the grace', connected, { type: 'disconnected' }, missing],
  ['after a goodbye a closed connection changes nothing', left, { type: 'disconnected' }, leftAndGone],
  ['a member only heard of has no connection to lose', heard, { type: 'disconnected' }, heard],
  ['of an unknown peer nothing is remembered when it disconnects', undefined, { type: 'disconnected' }, undefined],

  [
    'an unknown peer that says it is here is alive for a while',
    undefined,
    { type: 'here', sequence: 0n },
    { ...heard, since: 50, sequence: 0n, deadline: 150 }
  ],
  [
    'a connected member stays so without a deadline',
    connected,
    { type: 'here', sequence: 6n },
    { ...connected, sequence: 6n }
  ],
  [
    'a message puts the deadline off',
    missing,
    { type: 'here', sequence: 6n },
    { ...heard, sequence: 6n, deadline: 150 }
  ],
  [
    'a dead member that speaks is alive again',
    dead,
    { type: 'here', sequence: 6n },
    { ...heard, since: 50, sequence: 6n, deadline: 150 }
  ],
  [
    'a member that said goodbye and speaks again is alive',
    left,
    { type: 'here', sequence: 6n },
    { ...connected, since: 50, sequence: 6n }
  ],
  ['a replayed message does not revive the dead', dead, { type: 'here', sequence: 5n }, dead],
  ['a replayed message does not undo a goodbye', left, { type: 'here', sequence: 4n }, left],

  ['a goodbye counts', connected, { type: 'leaving', sequence: 6n }, { ...left, since: 50, sequence: 6n }],
  [
    'a goodbye counts from one that is missing',
    missing,
    { type: 'leaving', sequence: 6n },
    { ...leftAndGone, since: 50, sequence: 6n }
  ],
  ['a replayed goodbye does not', connected, { type: 'leaving', sequence: 5n }, connected],
  ['the goodbye of an unknown peer is not remembered', undefined, { type: 'leaving', sequence: 6n }, undefined],

  ['before its deadline a missing member is alive', missing, { type: 'tick' }, missing],
  ['time does nothing to a connected member', connected, { type: 'tick' }, connected],
  ['time does nothing to the dead', dead, { type: 'tick' }, dead]
])('%s', (_, record, event, expected) => {
  expect(after(record, event)).toEqual(expected)
})

test('at its deadline a missing member is dead', () => {
  expect(after(missing, { type: 'tick' }, 59)).toBe(missing)
  expect(after(missing, { type: 'tick' }, 60)).toEqual({ ...dead, since: 60 })
})
