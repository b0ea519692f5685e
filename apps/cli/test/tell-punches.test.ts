import type { P2PShareNode } from '@p2pshare/core'
import { expect, test } from 'vitest'
import { tellPunches } from '../src/tell-punches.ts'
import { createTestIo } from './helpers.ts'

function setUp() {
  const nat = new EventTarget()
  const { io, stdout } = createTestIo({ json: true })
  const stop = tellPunches({ services: { nat } } as unknown as Pick<P2PShareNode, 'services'>, io)
  const lines = () =>
    stdout.text
      .split('\n')
      .filter((text) => text !== '')
      .map((text): unknown => JSON.parse(text))
  return { nat, stop, lines }
}

test('the way that led to a direct connection is said, and an attempt that led to none', () => {
  const { nat, lines } = setUp()
  const detail = { peer: '12D3', role: 'initiator', strategy: 'birthday', tookMs: 412.7 }
  nat.dispatchEvent(new CustomEvent('punch:success', { detail }))
  nat.dispatchEvent(new CustomEvent('punch:failed', { detail: { peer: '12D3', error: new TypeError('no way') } }))
  expect(lines()).toEqual([
    { v: 1, type: 'peer.punched', peer: '12D3', path: 'direct', strategy: 'birthday', tookMs: 413 },
    { v: 1, type: 'peer.unpunched', peer: '12D3', reason: 'no way' }
  ])
})

test('nothing is said any more when it was ended', () => {
  const { nat, stop, lines } = setUp()
  stop()
  nat.dispatchEvent(new CustomEvent('punch:failed', { detail: { peer: '12D3', error: 'late' } }))
  expect(lines()).toEqual([])
})
