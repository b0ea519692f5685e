import { describe, expect, test } from 'vitest'
import { decideStall } from '../../src/stall/stall-cause.ts'
import type { StallFacts } from '../../src/stall/stall-cause.ts'

/** Nobody is known and nobody is looked for. */
const ALONE: StallFacts = {
  connected: 0,
  holders: 0,
  asked: 0,
  known: 0,
  dialing: 0,
  failed: 0,
  refused: 0,
  cutByRelay: 0,
  capInMs: 0,
  cap: Infinity,
  searching: false
}
const HOLDERS = { ...ALONE, connected: 3, holders: 2 }

describe('why nothing comes', () => {
  test.each<[string, StallFacts, object]>([
    ['nobody is known', ALONE, { cause: 'no-peer', detail: 'nobody that has it is known', trying: [] }],
    ['nobody is known yet', { ...ALONE, searching: true }, { cause: 'no-peer', trying: [{ type: 'search' }] }],
    [
      'nobody connected has it',
      { ...ALONE, connected: 3, searching: true },
      { cause: 'no-peer', detail: 'none of 3 peers connected has what is missing', trying: [{ type: 'search' }] }
    ],
    [
      'nobody connected has it, and others cannot be reached',
      { ...ALONE, connected: 1, known: 2, failed: 2, dialing: 1, retryInMs: 700 },
      {
        cause: 'no-peer',
        trying: [
          { type: 'dial', peers: 1 },
          { type: 'reconnect', peers: 1, inMs: 700 }
        ]
      }
    ],
    [
      'the one that is known cannot be reached',
      { ...ALONE, known: 1, failed: 1, retryInMs: 500, lastError: 'ECONNREFUSED' },
      {
        cause: 'unreachable',
        detail: 'the peer that is known cannot be reached: ECONNREFUSED',
        trying: [{ type: 'reconnect', peers: 1, inMs: 500 }]
      }
    ],
    [
      'none of those that are known can',
      { ...ALONE, known: 4, failed: 3, refused: 1, dialing: 4 },
      { cause: 'unreachable', detail: 'none of the 4 peers that are known can be reached' }
    ],
    ['the first attempt is not over', { ...ALONE, known: 1, dialing: 1 }, { cause: 'unreachable' }],
    [
      'those that were reached refuse',
      { ...ALONE, known: 2, refused: 2, lastError: 'busy' },
      { cause: 'choked', detail: '2 peers refuse: busy' }
    ],
    [
      'who has it gives no slot',
      HOLDERS,
      {
        cause: 'choked',
        detail: '2 peers with what is missing give no slot',
        trying: [{ type: 'wait-slot', peers: 2 }]
      }
    ],
    [
      'who was asked sends nothing',
      { ...HOLDERS, asked: 1 },
      {
        cause: 'slow',
        detail: '1 peer that was asked sends next to nothing',
        trying: [{ type: 'wait-bytes', peers: 1 }]
      }
    ],
    [
      'the relays to all of those that have it are used up',
      { ...HOLDERS, asked: 1, cutByRelay: 2 },
      { cause: 'relay-limit', detail: 'the relay to 2 peers lets no more through' }
    ],
    ['the relay to one of two is', { ...HOLDERS, asked: 1, cutByRelay: 1 }, { cause: 'slow' }],
    [
      'the relay to who had it is',
      { ...ALONE, known: 1, failed: 1, cutByRelay: 1, retryInMs: 9 },
      { cause: 'relay-limit', trying: [{ type: 'reconnect', peers: 1, inMs: 9 }] }
    ],
    [
      'the limit of this node is used up, whatever peers do',
      { ...HOLDERS, asked: 2, cap: 1024, capInMs: 31_000 },
      {
        cause: 'rate-limit',
        detail: 'the limit of this node, 1024 bytes a second, is used up',
        trying: [{ type: 'wait-cap', inMs: 31_000 }]
      }
    ],
    ['there is nobody to limit', { ...ALONE, cap: 1024, capInMs: 31_000 }, { cause: 'no-peer' }],
    [
      'the disk refuses',
      { ...HOLDERS, asked: 2, disk: { errno: 'ENOSPC', path: '/x', retryInMs: 4000 } },
      { cause: 'disk', detail: 'the disk refuses: ENOSPC at /x', trying: [{ type: 'wait-disk', inMs: 4000 }] }
    ],
    [
      'the disk takes its time',
      { ...HOLDERS, disk: { leaves: 3 } },
      { cause: 'disk', detail: 'the disk is busy with 3 pieces that came', trying: [{ type: 'wait-disk' }] }
    ]
  ])('when %s', (_when, facts, expected) => {
    expect(decideStall(facts)).toMatchObject(expected)
  })
})
