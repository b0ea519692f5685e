import type { SignedMessage } from '@libp2p/gossipsub'
import type { ShareAnnouncement } from '@p2pshare/interface'
import { expect, test } from 'vitest'
import { Announcements } from '../../src/topics/announcements.ts'
import { MAX_ANNOUNCEMENTS, MAX_WAITING_ANNOUNCEMENTS } from '../../src/topics/constants.ts'
import type { KeyedQueue } from '../../src/topics/queue.ts'
import { randomPeer, rootOf } from '../support/peers.ts'

const from = await randomPeer()

/** One publisher announces the shares 0 to `count` - 1, one after the other. */
function hear(announcements: Announcements, count: number): void {
  for (let n = 0; n < count; n++) {
    const message = { from, sequenceNumber: BigInt(n) } as SignedMessage
    announcements.heard(message, { type: 'announcement', root: rootOf(n), multiaddrs: [] }, n)
  }
}

/** The names of the roots that wait for this consumer, up to the newest. */
async function waiting(queue: KeyedQueue<ShareAnnouncement>, newest: number): Promise<string[]> {
  const roots: string[] = []
  for await (const { root } of queue.drain()) {
    roots.push(root.toString())
    if (root.equals(rootOf(newest))) {
      break
    }
  }
  return roots
}

test.each([
  ['the most announcements are remembered', MAX_ANNOUNCEMENTS, 0],
  ['of one more the oldest is forgotten', MAX_ANNOUNCEMENTS + 1, 1]
])('%s for who listens later', async (_, count, oldest) => {
  const announcements = new Announcements()
  hear(announcements, count)
  const roots = await waiting(announcements.attach(count), count - 1)
  expect(roots).toHaveLength(MAX_ANNOUNCEMENTS)
  expect(roots[0]).toBe(rootOf(oldest).toString())
})

test.each([
  ['the most announcements wait', MAX_WAITING_ANNOUNCEMENTS, 0],
  ['of one more the oldest is dropped', MAX_WAITING_ANNOUNCEMENTS + 1, 1]
])('%s for who listens and is slow', async (_, count, oldest) => {
  const announcements = new Announcements()
  const queue = announcements.attach(0)
  hear(announcements, count)
  const roots = await waiting(queue, count - 1)
  expect(roots).toHaveLength(MAX_WAITING_ANNOUNCEMENTS)
  expect(roots[0]).toBe(rootOf(oldest).toString())
})
