import type { P2PShareNode } from '@p2pshare/core'
import { expect, test } from 'vitest'
import { tellShares } from '../src/tell-shares.ts'
import { createTestIo } from './helpers.ts'

const ROOT = 'bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'

function setUp(json: boolean) {
  const transfer = new EventTarget()
  const { io, stdout, stderr } = createTestIo({ json })
  tellShares({ services: { transfer } } as unknown as Pick<P2PShareNode, 'services'>, io)
  const tell = (type: string, detail: object) => transfer.dispatchEvent(new CustomEvent(type, { detail }))
  tell('share:changed', { root: ROOT, path: '/srv/a', damaged: [{ path: 'b', problem: 'was modified' }] })
  tell('share:paused', { root: ROOT, errno: 'EIO', path: '/srv/a', retryInMs: 2000 })
  tell('share:resumed', { root: ROOT, pausedMs: 2000.4 })
  tell('share:unreadable', { root: ROOT, path: '/srv/a', error: new TypeError('the key is missing') })
  tell('scrub:started', { resumed: true })
  tell('scrub:done', { shares: 2, bytes: 1024, damaged: 1, unreadable: 1 })
  return { stdout: stdout.text, stderr: stderr.text }
}

test('what becomes of shares is said to a program, one event a line', () => {
  const { stdout } = setUp(true)
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type: string })
  expect(events.filter(({ type }) => type !== 'warning')).toEqual([
    { v: 1, type: 'share.changed', cid: ROOT, path: '/srv/a', damaged: [{ path: 'b', problem: 'was modified' }] },
    { v: 1, type: 'share.paused', cid: ROOT, errno: 'EIO', path: '/srv/a', retryInMs: 2000 },
    { v: 1, type: 'share.resumed', cid: ROOT, pausedMs: 2000 },
    { v: 1, type: 'share.unreadable', cid: ROOT, path: '/srv/a', reason: 'the key is missing' },
    { v: 1, type: 'scrub.started', resumed: true },
    { v: 1, type: 'scrub.done', shares: 2, bytes: 1024, damaged: 1, unreadable: 1 }
  ])
})

test('and to a person, in words', () => {
  const { stderr } = setUp(false)
  for (const words of [
    '/srv/a b was modified',
    'EIO',
    'shared again',
    'going on to read',
    '2 shares',
    'the key is missing',
    '1 damaged share, 1 could not be read'
  ]) {
    expect(stderr).toContain(words)
  }
})
