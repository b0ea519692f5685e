import type { Libp2pEvents, PeerId, Startable } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { transportTcp } from '../src/index.ts'

const peer = (name: string) => ({ toString: () => name }) as PeerId

test('forgets the oldest peer past maxPeers, and all of them when it stops', () => {
  const events = new EventTarget() as EventTarget & Libp2pEvents
  const service = transportTcp({ maxPeers: 2 })({ events: events as never })
  const lifecycle = service as typeof service & { start(): void; stop(): void } satisfies Startable
  lifecycle.start()
  for (const name of ['a', 'b', 'c', 'c']) {
    events.dispatchEvent(new CustomEvent('peer:connect', { detail: peer(name) }))
  }
  expect(service.peers()).toBe(2)
  lifecycle.stop()
  expect(service.peers()).toBe(0)
})
