import { peerIdFromString } from '@libp2p/peer-id'
import type { NetworkStatus, TableEntry, TraceEvent } from '@p2pshare/core'
import { expect, test } from 'vitest'
import { sortTable, statusLines, tableLine, tableLines, traceEvent, traceLine } from '../src/dht-view.ts'

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const peer = peerIdFromString(PEER)
const at = { atMs: 41.6, network: 'own' } as const

test.each<[TraceEvent, string]>([
  [
    { ...at, name: 'start', kind: 'find', seeds: 12, nodes: 1034, from: 'table' },
    '    42 ms  start     find from 12 contacts of the table among about 1,034 servers (own)'
  ],
  [
    { ...at, name: 'start', kind: 'provide', seeds: 1, nodes: 1.2, from: 'view' },
    '    42 ms  start     provide from 1 contact of membership and table among about 1 server (own)'
  ],
  [{ ...at, name: 'findable', acks: 1 }, '    42 ms  findable  1 holder has the record: others find it'],
  [
    { ...at, name: 'ask', peer, hop: 2, distance: 2 ** -9.25, connected: false, walk: 0 },
    `    42 ms  ask       ${PEER}  hop 2, distance 2^-9.3, to be dialled`
  ],
  [
    { ...at, name: 'answer', peer, tookMs: 12.3, closer: 20, fresh: 3, providers: 1 },
    `    42 ms  answer    ${PEER}  12 ms, 20 nearer (3 new), 1 provider`
  ],
  [
    { ...at, name: 'failed', peer, tookMs: 5000, why: 'timeout' },
    `    42 ms  failed    ${PEER}  timeout after 5000 ms`
  ],
  [
    { ...at, name: 'end', why: 'complete', messages: 33, acks: 20 },
    '    42 ms  end       everybody was told, 33 messages, 20 holders'
  ]
])('a moment of a lookup is a line: $name', (event, line) => {
  expect(traceLine(event)).toBe(line)
})

test('a moment of a lookup is an event with plain fields', () => {
  expect(traceEvent({ ...at, name: 'slow', peer, afterMs: 400 })).toEqual({
    v: 1,
    type: 'dht.trace',
    name: 'slow',
    atMs: 41.6,
    network: 'own',
    peer: PEER,
    afterMs: 400
  })
})

test('the table goes from far to near', () => {
  const entry = (commonBits: number, connected: boolean): TableEntry => ({
    network: 'own',
    id: peer,
    commonBits,
    connected
  })
  const entries = [entry(7, true), entry(0, false)]
  expect(sortTable(entries).map(({ commonBits }) => commonBits)).toEqual([0, 7])
  expect(tableLines(entries)).toEqual([
    'NETWORK  COMMON BITS  CONNECTED  PEER',
    `own      0            -          ${PEER}`,
    `own      7            yes        ${PEER}`
  ])
  expect(tableLine(entry(7, true))).toBe(`own\t7\tconnected\t${PEER}`)
})

test('the state of a network says what is known, and what is not', () => {
  const network: NetworkStatus = {
    name: 'own',
    protocol: '/p2pshare/kad/1.0.0',
    mode: 'server',
    tableSize: 1,
    queue: { announced: 2, due: 1, failed: 0, nextAt: 61_000 },
    records: { count: 3, keys: 2, bytes: 2048, refused: 0 },
    lookups: { finds: 1, provides: 2, messages: 40, timeouts: 1, failures: 0, alarms: 1 }
  }
  expect(statusLines(network, 1_000)).toEqual([
    'own  /p2pshare/kad/1.0.0  server',
    '  table            1 peer',
    '  servers          not known yet',
    '  own records      2 announced, 1 due, 0 failed, next in 1 min',
    '  kept for others  3 records of 2 keys, 2.0 KiB, 0 refused',
    '  lookups          1 find, 2 provides, 40 messages, 1 timed out, 0 failed, crowded keys met 1 time'
  ])
  const size = { nodes: 1200, low: 900, high: 1500 }
  expect(statusLines({ ...network, size, halfLifeMs: 7_200_000 }, 1_000).slice(2, 4)).toEqual([
    '  servers               about 1,200 (900 to 1,500)',
    '  half-life of holders  2 h'
  ])
})
