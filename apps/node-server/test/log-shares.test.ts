import type { P2PShareNode } from '@p2pshare/core'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { logShares } from '../src/log-shares.ts'

test('what becomes of shares is in the log, with how bad it is', () => {
  const lines: unknown[] = []
  const logger = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(JSON.parse(line)) })
  const transfer = new EventTarget()
  logShares({ services: { transfer } } as unknown as Pick<P2PShareNode, 'services'>, logger)
  const tell = (type: string, detail: object) => transfer.dispatchEvent(new CustomEvent(type, { detail }))
  tell('share:changed', { root: 'bafy', path: '/srv/a', damaged: [{ path: '', problem: 'was modified' }] })
  tell('share:paused', { root: 'bafy', errno: 'EIO', path: '/srv/a', retryInMs: 2000 })
  tell('share:unreadable', { root: 'bafy', path: '/srv/a', error: new TypeError('the key is missing') })
  tell('share:resumed', { root: 'bafy', pausedMs: 2000.4 })
  tell('scrub:started', { resumed: false })
  tell('scrub:done', { shares: 2, bytes: 1024, damaged: 0, unreadable: 1 })
  expect(lines).toMatchObject([
    { level: 50, event: 'share.changed', cid: 'bafy', path: '/srv/a', damaged: [{ problem: 'was modified' }] },
    { level: 40, event: 'share.paused', errno: 'EIO', retryInMs: 2000 },
    { level: 50, event: 'share.unreadable', cid: 'bafy', reason: 'the key is missing' },
    { level: 30, event: 'share.resumed', pausedMs: 2000 },
    { level: 30, event: 'scrub.started', resumed: false },
    { level: 30, event: 'scrub.done', shares: 2, bytes: 1024, damaged: 0, unreadable: 1 }
  ])
})
