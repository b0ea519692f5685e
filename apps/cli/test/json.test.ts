import type { PeerId } from '@libp2p/interface'
import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { errorEvent, shareReady, toJsonLine, transferEvent, transferFailed } from '../src/json.ts'
import type { TransferEvent } from '@p2pshare/core'

const CID_TEXT = 'bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4'
const root = CID.parse(CID_TEXT)
const peer = { toString: () => '12D3Koo' } as PeerId

const wasted = { corrupt: 0, duplicate: 1, unrequested: 0 }

test.each<[Exclude<TransferEvent, { type: 'failed' }>, object]>([
  [
    { type: 'started', root, name: 'f' },
    { v: 1, type: 'transfer.started', cid: CID_TEXT, name: 'f' }
  ],
  [
    { type: 'map', name: 'f', files: 1, leaves: 3, bytesTotal: 30, bytesHave: 10 },
    { v: 1, type: 'transfer.map', name: 'f', files: 1, leaves: 3, bytesTotal: 30, bytesHave: 10 }
  ],
  [
    { type: 'peer', peer, state: 'joined', path: 'relay' },
    { v: 1, type: 'transfer.peer', peer: '12D3Koo', state: 'joined', path: 'relay' }
  ],
  [
    { type: 'peer', peer, state: 'dropped', reason: 'wrong bytes' },
    { v: 1, type: 'transfer.peer', peer: '12D3Koo', state: 'dropped', reason: 'wrong bytes' }
  ],
  [
    {
      type: 'progress',
      bytesDone: 1,
      bytesTotal: 2,
      bytesReceived: 3,
      traffic: { received: 3, useful: 1, wasted },
      rateBps: 4.6,
      peers: 5,
      path: 'direct',
      etaS: 0.2
    },
    {
      v: 1,
      type: 'transfer.progress',
      bytesDone: 1,
      bytesTotal: 2,
      bytesReceived: 3,
      bytesUseful: 1,
      wasted,
      rateBps: 5,
      peers: 5,
      path: 'direct',
      etaS: 1
    }
  ],
  [
    {
      type: 'stalled',
      sinceMs: 1000.4,
      cause: 'unreachable',
      detail: 'd',
      trying: [{ type: 'search' }, { type: 'reconnect', peers: 2, inMs: 10.6 }]
    },
    {
      v: 1,
      type: 'transfer.stalled',
      sinceMs: 1000,
      cause: 'unreachable',
      detail: 'd',
      trying: [{ type: 'search' }, { type: 'reconnect', peers: 2, inMs: 11 }]
    }
  ],
  [
    { type: 'flowing', stalledMs: 1000.4 },
    { v: 1, type: 'transfer.flowing', stalledMs: 1000 }
  ],
  [
    { type: 'warning', message: 'm' },
    { v: 1, type: 'transfer.warning', message: 'm' }
  ],
  [
    {
      type: 'done',
      root,
      bytes: 9,
      bytesReceived: 10,
      seconds: 1.23456,
      output: '/x/f',
      traffic: { received: 10, useful: 9, wasted },
      sources: [{ peer, bytes: 9, traffic: { received: 10, useful: 9, wasted } }]
    },
    {
      v: 1,
      type: 'transfer.done',
      ok: true,
      cid: CID_TEXT,
      bytes: 9,
      bytesReceived: 10,
      seconds: 1.235,
      bytesUseful: 9,
      wasted,
      output: '/x/f',
      sources: [{ peer: '12D3Koo', bytes: 9, bytesReceived: 10, bytesUseful: 9, wasted }]
    }
  ]
])('%j as one event', (event, expected) => {
  expect(transferEvent(event)).toEqual(expected)
})

test('an eta that is not known is left out', () => {
  const event = {
    type: 'progress',
    bytesDone: 0,
    bytesTotal: 2,
    bytesReceived: 0,
    traffic: { received: 0, useful: 0, wasted },
    rateBps: 0,
    peers: 0,
    path: 'none'
  } as const
  expect(transferEvent(event)).not.toHaveProperty('etaS')
})

test('a failed get ends with what was known', () => {
  const report = { code: 'ERR_X', message: 'm', exit: 4 }
  expect(transferFailed(report, { cid: CID_TEXT, bytesTotal: 10, bytesDone: 5 })).toEqual({
    v: 1,
    type: 'transfer.done',
    ok: false,
    code: 'ERR_X',
    exit: 4,
    cid: CID_TEXT,
    bytesTotal: 10,
    bytesDone: 5
  })
})

test('a failed get says what came, from whom, and why nothing more did', () => {
  const report = { code: 'ERR_X', message: 'm', exit: 4 }
  const traffic = { received: 7, useful: 5, wasted }
  const counts = { bytesReceived: 7, bytesUseful: 5, wasted }
  const totals = { bytesReceived: 7, traffic, sources: [{ peer, bytes: 5, traffic }], cause: 'choked' } as const
  expect(transferFailed(report, totals)).toEqual({
    v: 1,
    type: 'transfer.done',
    ok: false,
    code: 'ERR_X',
    exit: 4,
    cause: 'choked',
    ...counts,
    sources: [{ peer: '12D3Koo', bytes: 5, ...counts }]
  })
})

test('an error without advice has no advice', () => {
  expect(errorEvent({ code: 'ERR_X', message: 'm', exit: 4 })).toEqual({
    v: 1,
    type: 'error',
    code: 'ERR_X',
    message: 'm',
    exit: 4
  })
})

test('a share is ready with everything a receiver may use', () => {
  const share = {
    root,
    name: 'f',
    path: '/secret/f',
    kind: 'file',
    bytes: 3,
    files: 1,
    leaves: 1,
    have: 1,
    bytesSent: 0,
    receivers: [],
    ticket: 't',
    link: 'p2pshare:t'
  } as const
  const event = shareReady(share, { peerId: '12D3Koo', addresses: ['/ip4/1.2.3.4/tcp/5'] })
  expect(event).toMatchObject({ v: 1, type: 'share.ready', cid: CID_TEXT, ticket: 't', link: 'p2pshare:t' })
  // where the file lives is nobody's business
  expect(JSON.stringify(event)).not.toContain('secret')
})

test('a line is one line, whatever is in it', () => {
  expect(toJsonLine({ v: 1, type: 'x', name: 'a\nb\u2028c' }).split('\n')).toHaveLength(2)
})
