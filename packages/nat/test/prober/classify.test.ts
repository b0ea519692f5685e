import { expect, test } from 'vitest'
import { classify, filteringOf, mappingOf } from '../../src/prober/classify.ts'
import { beginProbe, filterEvidence, nextQuestions, overAtMs, recordAsked, recordReply } from '../../src/prober/plan.ts'
import type { ProbeState, Reply } from '../../src/prober/plan.ts'

const A1 = { host: '192.0.2.1', port: 1000 }
const A1B = { host: '192.0.2.1', port: 1001 }
const A2B = { host: '192.0.2.2', port: 1001 }
const B = { host: '198.51.100.1', port: 1000 }
const outside = (port: number, host = '203.0.113.5'): { host: string; port: number } => ({ host, port })

test.each([
  ['nothing seen', [], undefined],
  ['one sighting', [{ server: A1, outside: outside(5) }], undefined],
  ['its own address', [{ server: A1, outside: outside(7, '10.0.0.1') }], 'none'],
  [
    'the same for two hosts',
    [
      { server: A1, outside: outside(5) },
      { server: B, outside: outside(5) }
    ],
    'endpoint-independent'
  ],
  [
    'the same for two ports, another for another host',
    [
      { server: A1, outside: outside(5) },
      { server: A1B, outside: outside(5) },
      { server: A2B, outside: outside(6) }
    ],
    'address-dependent'
  ],
  [
    'another for each port',
    [
      { server: A1, outside: outside(5) },
      { server: A1B, outside: outside(6) },
      { server: A2B, outside: outside(7) }
    ],
    'address-and-port-dependent'
  ],
  [
    'two hosts asked on one port each: the stricter',
    [
      { server: A1, outside: outside(5) },
      { server: B, outside: outside(6) }
    ],
    'address-and-port-dependent'
  ],
  [
    'the same port at another outside host',
    [
      { server: A1, outside: outside(5) },
      { server: B, outside: outside(5, '203.0.113.6') }
    ],
    'address-and-port-dependent'
  ]
] as const)('mapping of %s', (_, sightings, mapping) => {
  expect(mappingOf(sightings, ['10.0.0.1'], 7)).toBe(mapping)
})

test.each([
  [{}, undefined],
  [{ otherHost: true }, 'endpoint-independent'],
  [{ otherHost: true, otherPort: false }, 'endpoint-independent'],
  [{ otherHost: false, otherPort: true }, 'address-dependent'],
  [{ otherPort: true }, 'address-dependent'],
  [{ otherHost: false, otherPort: false }, 'address-and-port-dependent'],
  [{ otherPort: false }, 'address-and-port-dependent'],
  [{ otherHost: false }, 'address-and-port-dependent']
] as const)('filtering of %o', (evidence, filtering) => {
  expect(filteringOf(evidence)).toBe(filtering)
})

function asked(state: ProbeState, nowMs: number): ProbeState {
  return recordAsked(state, nextQuestions(state), nowMs)
}

function reply(state: ProbeState, id: string, part: Partial<Reply> = {}): ProbeState {
  const to = state.asked.find((one) => one.id === id)?.to ?? A1
  return recordReply(state, id, { from: to, rttMs: 40, outside: outside(5), ...part })
}

test('nothing is asked twice, and what an answer tells of is asked next', () => {
  let state = asked(beginProbe([{ address: A1 }], 25, 250), 0)
  expect(nextQuestions(state)).toEqual([])
  expect(state.asked).toHaveLength(1 + 10 + 2)
  state = reply(state, '0 192.0.2.1 1000', { other: A2B })
  expect(nextQuestions(state).map(({ id }) => id)).toEqual(['0 192.0.2.1 1001', '0 192.0.2.2 1001'])
})

test('what is known of a server before is asked at once', () => {
  const state = asked(beginProbe([{ address: A1, otherPort: 1001, otherHost: A2B.host }], 25, 250), 0)
  expect(state.asked.filter(({ socket }) => socket === 0).map(({ to }) => to)).toEqual([A1, A1B, A2B])
})

test('an unspecified other host means the one that was asked', () => {
  let state = asked(beginProbe([{ address: A1 }], 25, 250), 0)
  state = reply(state, '0 192.0.2.1 1000', { other: { host: '0.0.0.0', port: 1001 } })
  expect(nextQuestions(state).map(({ to }) => to)).toEqual([A1B])
})

test.each(['192.168.1.1', '127.0.0.1', '2001:db8::1'])('a server outside does not make us ask %s', (host) => {
  let state = asked(beginProbe([{ address: A1 }], 25, 250), 0)
  state = reply(state, '0 192.0.2.1 1000', { other: { host, port: 1001 } })
  expect(nextQuestions(state).map(({ to }) => to)).toEqual([A1B])
})

test('without any answer it is over after two tries', () => {
  expect(overAtMs(asked(beginProbe([{ address: A1 }], 25, 250), 0))).toBe(500)
})

test('silence counts one and a half round trips after the last copy of the question', () => {
  let state = asked(beginProbe([{ address: A1, otherPort: 1001 }], 25, 250), 0)
  for (const { id, change } of state.asked) {
    if (change === undefined) {
      state = reply(state, id, { rttMs: 100, other: A2B })
    }
  }
  state = asked(state, 100)
  state = reply(state, '0 192.0.2.2 1001', { rttMs: 100 })
  expect(overAtMs(state)).toBe(10 + 100 + 50)
  expect(filterEvidence(state, 159)).toEqual({})
  expect(filterEvidence(state, 160)).toEqual({ otherHost: false, otherPort: false })
})

test('a server that is silent to everything is not waited for when others have told enough', () => {
  let state = asked(beginProbe([{ address: A1 }, { address: B }], 25, 250), 0)
  state = reply(state, '0 192.0.2.1 1000', { other: A2B })
  state = reply(state, '1 192.0.2.1 1000', { other: A2B })
  state = asked(state, 40)
  for (const { id, to, reply: known } of state.asked) {
    if (to.host !== B.host && known === undefined) {
      state = reply(state, id, id.includes(' ip') ? { from: A2B } : id.includes(' port') ? { from: A1B } : {})
    }
  }
  expect(overAtMs(state)).toBe(0)
  expect(filterEvidence(state, 50)).toEqual({ otherHost: true, otherPort: true })
})

test('a server that refuses to change, or answers from where it was asked, tests nothing', () => {
  let state = asked(beginProbe([{ address: A1 }], 25, 250), 0)
  state = reply(state, '1 192.0.2.1 1000', { other: A2B })
  state = recordReply(state, '1 192.0.2.1 1000 ip port', { from: A1, rttMs: 40 })
  state = reply(state, '1 192.0.2.1 1000 port', { from: A1 })
  expect(filterEvidence(state, 10_000)).toEqual({})
})

test('the class of a probing that nobody answered is that UDP does not pass', () => {
  const state = asked(beginProbe([{ address: A1 }], 25, 250), 0)
  expect(classify(state, { family: 6, ownHosts: [], localPorts: [], nowMs: 500 })).toEqual({ family: 6, udp: false })
})
