import { expect, test } from 'vitest'
import { giveUpTimes } from '../src/give-up-times.ts'
import { stallLine } from '../src/stall-line.ts'
import type { StallRemedy } from '@p2pshare/core'

test.each<[StallRemedy, string]>([
  [{ type: 'search' }, 'looking for others'],
  [{ type: 'dial', peers: 1 }, 'dialling 1 peer'],
  [{ type: 'reconnect', peers: 2, inMs: 1400 }, 'trying 2 peers again in 2.0 s'],
  [{ type: 'wait-slot', peers: 2 }, 'waiting for a slot'],
  [{ type: 'wait-bytes', peers: 2 }, 'waiting for 2 peers'],
  [{ type: 'wait-cap', inMs: 31_000 }, 'going on in 31 s'],
  [{ type: 'wait-disk' }, 'waiting for the disk'],
  [{ type: 'wait-disk', inMs: 8000 }, 'asking again in 8.0 s']
])('%j in words', (remedy, words) => {
  const line = stallLine({ cause: 'choked', detail: 'why\u001b[2J', trying: [remedy] }, 12_000)
  expect(line).toBe(`waiting  12 s without a byte  no slot: why\\x1b[2J  (${words})`)
})

test('when nothing is left to try, nothing is said of it', () => {
  expect(stallLine({ cause: 'no-peer', detail: 'd', trying: [] }, 12_000)).toBe(
    'waiting  12 s without a byte  nobody has it: d'
  )
})

test('--stall-timeout is stronger than --timeout for what was found, and leaves the search alone', () => {
  expect(giveUpTimes(undefined)).toEqual({})
  expect(giveUpTimes(5)).toEqual({ findTimeoutMs: 5, stallTimeoutMs: 5, diskTimeoutMs: 5 })
  expect(giveUpTimes(5, 9)).toEqual({ findTimeoutMs: 5, stallTimeoutMs: 9, diskTimeoutMs: 9 })
  expect(giveUpTimes(undefined, 9)).toEqual({ stallTimeoutMs: 9, diskTimeoutMs: 9 })
})
