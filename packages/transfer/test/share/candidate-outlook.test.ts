import type { PeerId } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { outlookOf } from '../../src/share/candidate-outlook.ts'
import type { Candidate } from '../../src/share/connector.ts'

function candidate(more: Partial<Candidate>): Candidate {
  const id = { toString: () => 'a' } as PeerId
  return { id, state: 'waiting', failures: 0, refusals: 0, notBefore: 0, ...more }
}

test('those that are connected or gone are of no account', () => {
  expect(outlookOf([candidate({ state: 'connected' }), candidate({ state: 'gone' })], 0)).toEqual({
    known: 0,
    dialing: 0,
    failed: 0,
    refused: 0,
    cutByRelay: 0
  })
})

test('the others are counted by how they stand', () => {
  const candidates = [
    candidate({ state: 'dialing' }),
    candidate({ failures: 1, refusals: 1, notBefore: 900, lastError: new RangeError('ECONNREFUSED') }),
    candidate({ refusals: 1, notBefore: 700 }),
    candidate({ failures: 2, notBefore: 800, lastError: new RangeError('status RESOURCE_LIMIT_EXCEEDED') })
  ]
  expect(outlookOf(candidates, 600)).toEqual({
    known: 4,
    dialing: 1,
    failed: 2,
    refused: 1,
    cutByRelay: 1,
    retryInMs: 100,
    lastError: 'status RESOURCE_LIMIT_EXCEEDED'
  })
})
