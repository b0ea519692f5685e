import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { hopeless, timesOf } from '../src/give-up.ts'
import type { Patience, Prospects } from '../src/give-up.ts'

const root = CID.parse('bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4')
const patience: Patience = { root, findTimeoutMs: 30_000, stallTimeoutMs: 120_000, canSearch: true }
const connector = { known: 1, leastFailures: 0, lastError: undefined }
const prospects: Prospects = {
  liarMs: undefined,
  connected: 1,
  everJoined: true,
  startedMs: 200_000,
  verifiedMs: 0,
  connector,
  searches: 0,
  stall: () => ({ cause: 'choked', detail: 'no slot', trying: [] })
}
const unmet = { ...prospects, connected: 0, everJoined: false, startedMs: 1000 }

test('times have defaults', () => {
  expect(timesOf({})).toEqual({ findTimeoutMs: 30_000, stallAfterMs: 10_000, stallTimeoutMs: 120_000 })
})

test.each<[string, Partial<Patience>, Prospects, string | undefined]>([
  ['bytes come', {}, prospects, undefined],
  ['none came for almost too long', {}, { ...prospects, verifiedMs: 119_999 }, undefined],
  ['none came for too long', {}, { ...prospects, verifiedMs: 120_000 }, 'ERR_TRANSFER_STALLED'],
  ['every source lied a while ago', {}, { ...prospects, connected: 0, liarMs: 5001 }, 'ERR_VERIFICATION_FAILED'],
  ['one lied and another is connected', {}, { ...prospects, liarMs: 5001 }, undefined],
  ['somebody is still looked for', {}, unmet, undefined],
  ['nobody was met in time', {}, { ...unmet, startedMs: 30_000 }, 'ERR_PROVIDERS_UNREACHABLE'],
  [
    'nobody was found in time',
    {},
    { ...unmet, startedMs: 30_000, connector: { ...connector, known: 0 } },
    'ERR_CONTENT_NOT_FOUND'
  ],
  [
    'nobody can be looked for',
    { canSearch: false },
    { ...unmet, connector: { ...connector, known: 0 } },
    'ERR_CONTENT_NOT_FOUND'
  ],
  [
    'all were tried and nobody else can be looked for',
    { canSearch: false },
    { ...unmet, connector: { ...connector, leastFailures: 3 } },
    'ERR_PROVIDERS_UNREACHABLE'
  ],
  [
    'all were tried and others are looked for',
    {},
    { ...unmet, connector: { ...connector, leastFailures: 3 } },
    undefined
  ]
])('when %s', (_when, more, seen, code) => {
  expect((hopeless({ ...patience, ...more }, seen) as { code?: string } | undefined)?.code).toBe(code)
})

test('giving up names the cause', () => {
  expect(hopeless(patience, { ...prospects, verifiedMs: 120_000 })).toMatchObject({
    message: 'no verified byte for 120 s: choked: no slot',
    stall: 'choked'
  })
})
